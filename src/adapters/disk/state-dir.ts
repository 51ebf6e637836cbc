import { readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AppError } from '../../units/app-error.ts';
import type { Clock } from '../../units/clock.ts';
import type { Incarnation } from '../../units/ids.ts';
import type { Log } from '../../units/log.ts';
import { IncarnationFile } from './incarnation-file.ts';
import { makeFolder } from './make-folder.ts';

/** The folder in which a server keeps what must outlive it. One process at a time. */
export interface StateDir {
  /** Absolute. */
  readonly path: string;
  /** A number larger than that of every earlier life of this server and than `above`: see `IncarnationFile.next`. */
  nextIncarnation(wallMs: number, above?: number): Promise<Incarnation>;
  release(): Promise<void>;
}

/** Makes the folder and takes its lock. Rejects with `disk-failed`: not writable, or another process lives in it. */
export async function openStateDir(
  folder: string,
  ports: { readonly clock: Clock; readonly log: Log },
): Promise<StateDir> {
  const path = resolve(folder);
  try {
    await makeFolder(path);
    await takeLock(join(path, 'lock'));
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('disk-failed', `state_dir ${path} can't be used: ${String(cause)}`, { cause });
  }
  const lives = new IncarnationFile(join(path, 'incarnation'), ports);
  return {
    path,
    nextIncarnation: (wallMs, above) => lives.next(wallMs, above),
    async release() {
      await lives.close();
      await rm(join(path, 'lock'), { force: true });
    },
  };
}

/**
 * A lock file with the process's id and start time, taken by exclusive creation. What a killed process left is recognized
 * by a start time that no living process has.
 */
async function takeLock(file: string): Promise<void> {
  const own = `${process.pid} ${await startTime(process.pid)}\n`;
  if (await create(file, own)) return;
  const [pid = '', started = ''] = (await readFile(file, 'utf8').catch(() => '')).trim().split(' ');
  if (pid !== '' && Number(pid) !== process.pid && (await startTime(Number(pid))) === started)
    throw new AppError('disk-failed', `state_dir is in use by process ${pid}: ${file}`);
  await rm(file, { force: true });
  if (!(await create(file, own))) throw new AppError('disk-failed', `state_dir is being taken by another: ${file}`);
}

async function create(file: string, text: string): Promise<boolean> {
  try {
    await writeFile(file, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * In clock ticks since the machine's start (proc_pid_stat(5), field 22); where there is no /proc, whether the process lives.
 * One that is dead and only waits for its parent to ask how it ended (state Z or X) holds no folder any more.
 */
async function startTime(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (stat !== undefined) {
    const [state = 'Z', ...others] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return /[ZXx]/.test(state) ? 'none' : (others[18] ?? 'none');
  }
  try {
    process.kill(pid, 0);
    return 'alive';
  } catch {
    return 'none';
  }
}
