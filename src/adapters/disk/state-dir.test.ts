import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
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
    const parentStart = readFileSync(`/proc/${process.ppid}/stat`, 'utf8');
    const started = parentStart.slice(parentStart.lastIndexOf(')') + 2).split(' ')[19];
    await writeFile(join(folder, 'lock'), `${process.ppid} ${started}\n`);
    await expect(openStateDir(folder)).rejects.toMatchObject({ code: 'disk-failed' });
  });

  it.skipIf(!existsSync('/proc/self/stat'))('takes over from a process that is dead and was not reaped', async () => {
    // The shell becomes a program that never asks how its child ended: the child stays a zombie for as long as that one lives.
    const parent = spawn('sh', ['-c', 'sh -c "echo \\$\\$; exec sleep 0" & exec cat'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const [printed] = await once(parent.stdout, 'data');
    const zombie = String(printed).trim();
    const stat = (): string[] =>
      readFileSync(`/proc/${zombie}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
    await vi.waitUntil(() => stat()[0] === 'Z', { interval: 5 });
    await writeFile(join(folder, 'lock'), `${zombie} ${stat()[19]}\n`);
    const state = await openStateDir(folder);
    await state.release();
    parent.stdin.end();
    await once(parent, 'exit');
  });

  it('says which folder can not be used', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(openStateDir(join(folder, 'file/state'))).rejects.toThrow(/file\/state/);
  });
});
