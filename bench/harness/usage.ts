import { existsSync, readdirSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/adapters/clock.ts';
import { between, type Instant } from '../../src/units/time.ts';

/** proc(5): `utime` and `stime` count in these, on every Linux that Node runs on. */
const ticksPerSecond = 100;
const tmpfsMagic = 0x01021994;

/** CPU time of a process so far, in seconds; of all its threads, or of its main thread. Linux only. */
export function cpuSeconds(pid: number, of: 'process' | 'main thread' = 'process'): number {
  const path = of === 'process' ? `/proc/${pid}/stat` : `/proc/${pid}/task/${pid}/stat`;
  const text = readFileSync(path, 'utf8');
  // The name in parentheses may hold anything; what counts stands behind it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** The most memory that the process ever had resident, in bytes. */
export function peakMemory(pid: number): number {
  const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes ?? Number.NaN) * 1024;
}

export interface Load {
  /** Share of one core, over the window. */
  readonly process: number;
  readonly mainThread: number;
}

/** What a process takes of one core from here to `read`. */
export class LoadMeter {
  readonly #pid: number;
  readonly #start: Instant;
  readonly #process: number;
  readonly #mainThread: number;

  constructor(pid: number) {
    this.#pid = pid;
    this.#process = cpuSeconds(pid);
    this.#mainThread = cpuSeconds(pid, 'main thread');
    this.#start = systemClock.monotonic();
  }

  read(): Load {
    const span = between(this.#start, systemClock.monotonic()) / 1000;
    return {
      process: (cpuSeconds(this.#pid) - this.#process) / span,
      mainThread: (cpuSeconds(this.#pid, 'main thread') - this.#mainThread) / span,
    };
  }
}

/** Bytes of all files below. A file that goes meanwhile counts nothing. */
export function folderBytes(folder: string): number {
  let sum = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && existsSync(path)) sum += statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  }
  return sum;
}

/** Whether files there are memory. */
export function isTmpfs(folder: string): boolean {
  return statfsSync(folder).type === tmpfsMagic;
}
