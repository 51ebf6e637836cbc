import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { NodeArchiveDisk } from '../../src/adapters/disk/archive/node-archive-disk.ts';
import type { ArchiveDisk } from '../../src/archive/disk/archive-disk.ts';
import { readFile } from '../../src/archive/disk/read-file.ts';
import { SimDisk } from '../sim/disk/sim-disk.ts';

const folder = mkdtempSync(join(tmpdir(), 'headwater-archive-disk-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let roots = 0;
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const failure = (job: Promise<unknown>): Promise<unknown> => job.then(() => 'done').catch((error: unknown) => error);

/** The disk of this machine, and the one that forgets. */
describe.each<{ name: string; make: () => ArchiveDisk }>([
  { name: 'the machine', make: () => new NodeArchiveDisk(join(folder, `above-${++roots}`, 'root')) },
  { name: 'the simulator', make: () => new SimDisk() },
])('an archive on $name', ({ make }) => {
  async function disk(): Promise<ArchiveDisk> {
    const made = make();
    await made.makeRoot();
    return made;
  }

  async function written(on: ArchiveDisk, path: string, ...parts: Uint8Array[]): Promise<void> {
    const file = await on.create(path);
    await file.append(parts);
    await file.close();
  }

  test('without a root has nothing and takes nothing', async () => {
    const none = make();
    expect(await none.list('')).toBeUndefined();
    expect(await none.refusal()).toBe('ENOENT');
    expect(await failure(none.create('a/b'))).toMatchObject({ code: 'disk-failed', detail: { code: 'ENOENT' } });
    expect(await failure(none.replace('a', bytes(1), { sync: true }))).toMatchObject({ detail: { code: 'ENOENT' } });
    expect(await none.list('')).toBeUndefined();
    await none.makeRoot();
    expect(await none.list('')).toEqual([]);
    expect(await none.refusal()).toBeUndefined();
  });

  test('makes a file once, with the folders above it', async () => {
    const on = await disk();
    await written(on, 'a/b/c/1', bytes(1, 2), bytes(3));
    await written(on, 'a/b/c/2');
    expect(await failure(on.create('a/b/c/1'))).toMatchObject({ code: 'disk-failed', detail: { code: 'EEXIST' } });
    expect([...((await on.list('a/b/c')) ?? [])].sort()).toEqual(['1', '2']);
    expect(await on.list('a')).toEqual(['b']);
    expect(await on.list('')).toEqual(['a']);
    await on.syncFolders('a/b/c');
    await on.syncFolders('');
  });

  test('what is not there is an answer', async () => {
    const on = await disk();
    await written(on, 'file');
    for (const path of ['none', 'none/none', 'file/none']) {
      expect(await on.list(path)).toBeUndefined();
      expect(await on.stamp(path)).toBeUndefined();
      expect(await on.look(path)).toBeUndefined();
      expect(await on.tail(path, 5)).toBeUndefined();
      expect(await on.open(path)).toBeUndefined();
      expect(await on.remove(path)).toBe(false);
      expect(await on.removeFolder(path)).toBe(false);
    }
    expect(await failure(on.edit('none'))).toMatchObject({ detail: { code: 'ENOENT' } });
  });

  test('reads from anywhere, and less where a file ends', async () => {
    const on = await disk();
    await written(on, 'a/1', bytes(0, 1, 2, 3, 4));
    expect(await on.tail('a/1', 2)).toEqual({ bytes: 5, tail: bytes(3, 4) });
    expect(await on.tail('a/1', 9)).toEqual({ bytes: 5, tail: bytes(0, 1, 2, 3, 4) });
    expect((await on.look('a/1'))?.bytes).toBe(5);
    const file = await on.open('a/1');
    expect(file?.bytes).toBe(5);
    expect(await file?.read({ offset: 1, length: 2 })).toEqual(bytes(1, 2));
    expect(await file?.read({ offset: 4, length: 2 })).toEqual(bytes(4));
    expect(await file?.read({ offset: 9, length: 2 })).toEqual(bytes());
    await file?.close();
  });

  test('mends a file: cuts it, goes on behind', async () => {
    const on = await disk();
    await written(on, '1', bytes(1, 2, 3));
    const file = await on.edit('1');
    await file.cut(1);
    await file.append([bytes(9)]);
    await file.sync();
    await file.close();
    expect(await readFile(on, '1')).toEqual(bytes(1, 9));
  });

  test('replaces a file, or makes it', async () => {
    const on = await disk();
    await on.replace('1', bytes(1, 2), { sync: true });
    const before = await on.open('1');
    await on.replace('1', bytes(3), { sync: false });
    expect(await readFile(on, '1')).toEqual(bytes(3));
    expect(await before?.read({ offset: 0, length: 9 })).toEqual(bytes(1, 2));
    await before?.close();
    expect(await on.list('')).toEqual(['1']);
  });

  test('gives a file another name, in place of what had it', async () => {
    const on = await disk();
    await written(on, 'incoming/1', bytes(1));
    await written(on, 'incoming/2', bytes(2));
    await on.move('incoming/1', 'a/b/1');
    expect(await readFile(on, 'a/b/1')).toEqual(bytes(1));
    await on.move('incoming/2', 'a/b/1');
    expect(await readFile(on, 'a/b/1')).toEqual(bytes(2));
    expect(await on.list('incoming')).toEqual([]);
    expect(await failure(on.move('incoming/1', 'c/1'))).toMatchObject({ detail: { code: 'ENOENT' } });
    expect(await on.list('c')).toBeUndefined();
  });

  test('removes files, and folders that are empty', async () => {
    const on = await disk();
    await written(on, 'a/b/1', bytes(1));
    expect(await on.removeFolder('a/b')).toBe(false);
    const open = await on.open('a/b/1');
    expect(await on.remove('a/b/1')).toBe(true);
    expect(await open?.read({ offset: 0, length: 1 })).toEqual(bytes(1));
    await open?.close();
    expect(await on.removeFolder('a')).toBe(false);
    expect(await on.removeFolder('a/b')).toBe(true);
    expect(await on.list('a')).toEqual([]);
    await written(on, 'a/b/2');
    expect(await on.list('a/b')).toEqual(['2']);
  });

  test('stamps a folder anew when a name comes or goes, and not when bytes do', async () => {
    const on = await disk();
    const other = async (before: string | undefined): Promise<string | undefined> => {
      const found = await on.stamp('a');
      expect(found).not.toBe(before);
      return found;
    };
    await written(on, 'a/1', bytes(1));
    const first = await other(undefined);
    const file = await on.edit('a/1');
    await file.append([bytes(2)]);
    await file.close();
    expect(await on.stamp('a')).toBe(first);
    await whenTheClockSteps(on, first, () => written(on, `a/${String(++roots)}-new`));
    const second = await other(first);
    await whenTheClockSteps(on, second, () => on.remove('a/1').then(() => written(on, 'a/1')));
    await other(second);
  });

  test('knows its space', async () => {
    const { freeBytes, totalBytes } = await (await disk()).space();
    expect(freeBytes).toBeGreaterThan(0);
    expect(totalBytes).toBeGreaterThanOrEqual(freeBytes);
  });
});

/** A machine's stamps are times, of a clock that steps every few milliseconds: changes until it has. */
async function whenTheClockSteps(
  on: ArchiveDisk,
  before: string | undefined,
  change: () => Promise<unknown>,
): Promise<void> {
  do await change();
  while ((await on.stamp('a')) === before);
}

test('a root whose parent is a file says so', async () => {
  writeFileSync(join(folder, 'file'), '');
  const error = await failure(new NodeArchiveDisk(join(folder, 'file', 'root')).makeRoot());
  expect(error).toMatchObject({ code: 'disk-failed', message: expect.stringContaining('ENOTDIR') });
});

test('a folder that vanishes between its making and the file is made again', async () => {
  const root = join(folder, 'racing');
  const disk = new NodeArchiveDisk(root);
  await disk.makeRoot();
  const paths = Array.from({ length: 20 }, (_, i) => `s/2026/01/01/00/${i}`);
  const racing = paths.map(async (path) => {
    const file = await disk.create(path);
    await file.close();
    await disk.remove(path);
    await disk.removeFolder('s/2026/01/01/00');
  });
  expect(await Promise.all(racing)).toHaveLength(20);
});
