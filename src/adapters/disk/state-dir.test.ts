import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStateDir } from './state-dir.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headwater-state-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the state folder', () => {
  it('is made with all its parents', async () => {
    const state = await openStateDir(join(folder, 'a/b'));
    expect(state.path).toBe(join(folder, 'a/b'));
    await state.release();
  });

  it('gives incarnations that never fall, whatever the wall clock and the kept file say', async () => {
    const state = await openStateDir(folder);
    expect(await state.nextIncarnation(5_000.7)).toBe(5_000);
    expect(await state.nextIncarnation(100)).toBe(5_001);
    await state.release();
    const again = await openStateDir(folder);
    expect(await again.nextIncarnation(0)).toBe(5_002);
    await writeFile(join(folder, 'incarnation'), 'torn');
    expect(await again.nextIncarnation(9_000)).toBe(9_000);
    expect(await again.nextIncarnation(0, 20_000)).toBe(20_001);
    expect(await again.nextIncarnation(0)).toBe(20_002);
    await again.release();
  });

  it('refuses a second living process, and takes over from a killed one', async () => {
    await writeFile(join(folder, 'lock'), `${process.ppid} 1\n`);
    const state = await openStateDir(folder);
    await state.release();
    const parentStart = (await import('node:fs')).readFileSync(`/proc/${process.ppid}/stat`, 'utf8');
    const started = parentStart.slice(parentStart.lastIndexOf(')') + 2).split(' ')[19];
    await writeFile(join(folder, 'lock'), `${process.ppid} ${started}\n`);
    await expect(openStateDir(folder)).rejects.toMatchObject({ code: 'disk-failed' });
  });

  it('says which folder can not be used', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(openStateDir(join(folder, 'file/state'))).rejects.toThrow(/file\/state/);
  });
});
