import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { RootMemories } from './root-memory.ts';

const folder = mkdtempSync(join(tmpdir(), 'headwater-root-memory-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('roots are remembered over restarts, by their absolute paths', async () => {
  const memories = new RootMemories(folder);
  expect(await memories.of('/storage').recall()).toBeUndefined();
  await Promise.all([memories.of('/storage').remember('a1'), memories.of('/more/').remember('a2')]);
  const later = new RootMemories(folder);
  expect(await later.of('/storage/').recall()).toBe('a1');
  expect(await later.of(relative('', '/more')).recall()).toBe('a2');
});

test('what can not be read is told, not forgotten', async () => {
  const memories = new RootMemories(folder);
  for (const text of ['{"/storage":', '{"/storage":1}', '[]']) {
    writeFileSync(join(folder, 'archives.json'), text);
    await expect(memories.of('/storage').recall()).rejects.toMatchObject({ code: 'disk-failed' });
    await expect(memories.of('/storage').remember('a3')).rejects.toMatchObject({ code: 'disk-failed' });
  }
  await expect(new RootMemories(join(folder, 'none')).of('/storage').remember('a1')).rejects.toMatchObject({
    code: 'disk-failed',
    detail: { code: 'ENOENT' },
  });
});
