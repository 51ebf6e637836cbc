import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { nodeRunStore } from '../../src/adapters/disk/run-files.ts';
import { AppError } from '../../src/units/app-error.ts';
import { MemoryRunStore } from '../support/memory-run-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'headwater-run-store-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const memory = new MemoryRunStore();
const part = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);

/** The files of the machine and those of the tests. */
describe.each([
  { name: 'the disk', store: nodeRunStore, read: (path: string) => readFileSync(path) },
  { name: 'memory', store: memory, read: (path: string) => Buffer.concat(memory.files.get(path) ?? []) },
])('$name', ({ name, store, read }) => {
  const root = join(folder, name.replace(' ', '-'));

  test('makes the folders above a file, and appends in order', async () => {
    const path = join(root, 'a', 'b', '1.mp4');
    const file = await store.create(path);
    await file.append([part(1, 2), part(3)]);
    await file.append([]);
    await file.append([part(4)]);
    expect([...read(path)]).toEqual([1, 2, 3, 4]);
    await file.close();
    expect([...read(path)]).toEqual([1, 2, 3, 4]);
  });

  test('begins an old file anew', async () => {
    const path = join(root, 'again.mp4');
    const first = await store.create(path);
    await first.append([part(1, 2, 3)]);
    await first.close();
    const second = await store.create(path);
    await second.append([part(9)]);
    await second.close();
    expect([...read(path)]).toEqual([9]);
  });

  test('takes more pieces than the kernel does in one call', async () => {
    const path = join(root, 'pieces.mp4');
    const file = await store.create(path);
    await file.append(Array.from({ length: 3_000 }, (_, i) => part(i & 255, i >> 8)));
    await file.close();
    const written = read(path);
    expect(written.length).toBe(6_000);
    expect(written.readUInt16LE(2 * 2_999)).toBe(2_999);
  });

  test('removes files, and what is not there', async () => {
    const path = join(root, 'removed.mp4');
    const file = await store.create(path);
    await store.remove(path);
    await file.append([part(1)]);
    await file.close();
    await store.remove(path);
    await store.remove(join(root, 'never.mp4'));
  });
});

test('what the disk refuses is told with its reason', async () => {
  writeFileSync(join(folder, 'file'), '');
  const error = await nodeRunStore.create(join(folder, 'file', '1.mp4')).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(AppError);
  expect(error).toMatchObject({ code: 'disk-failed', message: expect.stringContaining('ENOTDIR') });
});

test.skipIf(process.platform !== 'linux')('a full disk refuses what it has no room for', async () => {
  const file = await nodeRunStore.create('/dev/full');
  const error = await file.append([part(1)]).catch((reason: unknown) => reason);
  await file.close();
  expect(error).toMatchObject({ code: 'disk-failed', message: 'ENOSPC at /dev/full' });
});
