import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { endsFile } from './ends-file.ts';

test('is empty at first, then what was written last, and leaves no draft behind', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'headwater-ends-'));
  try {
    const file = endsFile(join(folder, 'ends.json'));
    expect(await file.read()).toBe('');
    await file.write('one, and longer');
    await file.write('two');
    expect(await file.read()).toBe('two');
    expect(await readdir(folder)).toEqual(['ends.json']);
    await expect(endsFile(join(folder, 'none', 'x')).write('')).rejects.toThrow('ENOENT');
  } finally {
    await rm(folder, { recursive: true });
  }
});
