import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import { silentLog } from '../../../test/support/silent-log.ts';
import { openStateDir } from './state-dir.ts';

const ports = { clock: new ManualClock(), log: silentLog };
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headwater-state-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the state folder', () => {
  it('is made with all its parents', async () => {
    const state = await openStateDir(join(folder, 'a/b'), ports);
    expect(state.path).toBe(join(folder, 'a/b'));
    await state.release();
  });

  it.each(['/proc/nowhere/state', '/proc/self/nowhere', '/dev/null/state'])(
    'that can not be made, such as %s, is refused, and not tried for ever',
    async (path) => {
      const refused = openStateDir(path, ports);
      await expect(refused).rejects.toMatchObject({ code: 'disk-failed', message: expect.stringContaining(path) });
    },
  );

  it('gives incarnations that never fall, whatever the wall clock and the kept file say', async () => {
    const state = await openStateDir(folder, ports);
    expect(await state.nextIncarnation(5_000.7)).toBe(5_000);
    expect(await state.nextIncarnation(100)).toBe(5_001);
    await state.release();
    const again = await openStateDir(folder, ports);
    expect(await again.nextIncarnation(0)).toBe(5_002);
    await writeFile(join(folder, 'incarnation'), 'torn');
    expect(await again.nextIncarnation(9_000)).toBe(9_000);
    expect(await again.nextIncarnation(0, 20_000)).toBe(20_001);
    expect(await again.nextIncarnation(0)).toBe(20_002);
    await again.release();
  });

  it('goes on with a number that the disk does not take, and keeps it as soon as it does', async () => {
    const errors: string[] = [];
    const clock = new ManualClock();
    const state = await openStateDir(folder, { clock, log: { ...silentLog, error: (text) => errors.push(text) } });
    expect(await state.nextIncarnation(5_000)).toBe(5_000);
    // Nobody, not even root, can write a file where a folder stands.
    await mkdir(join(folder, 'incarnation.new'));
    expect(await state.nextIncarnation(4_000)).toBe(5_001);
    expect(await state.nextIncarnation(4_000, 6_000)).toBe(6_001);
    expect(errors).toEqual([expect.stringMatching(/incarnation: .*EISDIR.*; make room/), expect.any(String)]);
    const kept = () => readFile(join(folder, 'incarnation'), 'utf8');
    expect(await kept()).toBe('5000');
    await clock.advance(ms(10_000));
    await rm(join(folder, 'incarnation.new'), { recursive: true });
    await vi.waitUntil(async () => {
      await clock.advance(ms(10_000));
      return (await kept()) === '6001';
    });
    await state.release();
  });

  it('does not begin with a number that the disk does not take', async () => {
    await mkdir(join(folder, 'incarnation.new'));
    const state = await openStateDir(folder, ports);
    const number = state.nextIncarnation(5_000);
    await expect(number).rejects.toMatchObject({ code: 'disk-failed' });
    await expect(number).rejects.toThrow(
      /can't be kept in .*incarnation: .*EISDIR.*; make room there or make it writable/,
    );
    await state.release();
  });

  it('refuses a second living process, and takes over from a killed one', async () => {
    await writeFile(join(folder, 'lock'), `${process.ppid} 1\n`);
    const state = await openStateDir(folder, ports);
    await state.release();
    const parentStart = readFileSync(`/proc/${process.ppid}/stat`, 'utf8');
    const started = parentStart.slice(parentStart.lastIndexOf(')') + 2).split(' ')[19];
    await writeFile(join(folder, 'lock'), `${process.ppid} ${started}\n`);
    await expect(openStateDir(folder, ports)).rejects.toMatchObject({ code: 'disk-failed' });
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
    const state = await openStateDir(folder, ports);
    await state.release();
    parent.stdin.end();
    await once(parent, 'exit');
  });

  it('says which folder can not be used', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(openStateDir(join(folder, 'file/state'), ports)).rejects.toThrow(/file\/state/);
  });
});
