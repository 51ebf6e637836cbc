import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../config/loading/load.ts';
import { configFiles } from './config-files.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headwater-config-'));
  await mkdir(join(folder, 'streams'));
  await writeFile(join(folder, 'main.conf'), '\ufeffinclude streams/*.conf;');
  await writeFile(join(folder, 'streams', 'b.conf'), 'stream b { url rtsp://127.0.0.1/b; }');
  await writeFile(join(folder, 'streams', 'a.conf'), 'stream a { url rtsp://127.0.0.1/a; }');
  await writeFile(join(folder, 'binary'), Buffer.from([0xff, 0xfe, 0x00]));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('configFiles', () => {
  test('reads a configuration from the disk', async () => {
    const { config, diagnostics } = await loadConfig(join(folder, 'main.conf'), configFiles);
    expect(diagnostics).toEqual([]);
    expect(config?.streams.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  test.each([
    ['none.conf', 'there is no such file'],
    ['.', 'it is a folder'],
    ['main.conf/x', 'a part of its path is no folder'],
    ['binary', 'it is no text in UTF-8'],
    ['/dev/zero', 'it is a device'],
  ])('%s: %s', async (path, reason) => {
    expect(await configFiles.readText(path.startsWith('/') ? path : join(folder, path))).toEqual({
      kind: 'unreadable',
      reason,
    });
  });

  test('a folder that is not there has no files', async () => {
    expect(await configFiles.listFolder(join(folder, 'none'))).toEqual([]);
  });
});
