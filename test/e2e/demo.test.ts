import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { until } from './harness.ts';
import { Lines } from './lines.ts';
import { program } from './server-process.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The demonstration without a terminal, in a process group of its own, and how it is told what to do. */
class Demo implements AsyncDisposable {
  readonly lines: Lines;
  readonly #child: ChildProcess;
  readonly #started = new Set<number>();
  /** A demonstration that is killed can't remove what it wrote. */
  readonly #folder = mkdtempSync(join(tmpdir(), 'headwater-e2e-'));

  constructor(command: string, args: readonly string[]) {
    this.#child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, TMPDIR: this.#folder },
      stdio: ['pipe', 'pipe', 'inherit'],
      detached: true,
    });
    if (this.#child.stdout === null) throw new Error('no standard output');
    this.lines = new Lines(this.#child.stdout);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async says(pattern: RegExp, from = 0): Promise<void> {
    await this.lines.next(String(pattern), (line) => (pattern.test(line) ? line : undefined), { from });
  }

  type(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** Every process below it that was there when this was asked, now or before. */
  started(): readonly number[] {
    for (const pid of descendants(this.pid)) this.#started.add(pid);
    return [...this.#started];
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    this.started();
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    await ended;
  }

  /** As Ctrl-C in a shell does. */
  async endGroup(signal: NodeJS.Signals): Promise<void> {
    this.started();
    const ended = once(this.#child, 'exit');
    process.kill(-this.pid, signal);
    await ended;
  }

  /** The folders of its own that it has not removed. */
  left(): readonly string[] {
    return readdirSync(this.#folder).filter((name) => name.startsWith('headwater-demo-'));
  }

  /** Also what a failed test left. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const pid of [this.pid, ...this.started()].filter(isAlive)) process.kill(pid, 'SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function descendants(pid: number): number[] {
  const children = (read(`/proc/${pid}/task/${pid}/children`) ?? '').split(' ').filter(Boolean).map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

/** Undefined for a process that is gone. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** `T`: stopped. */
function stateOf(pid: number): string | undefined {
  return /\) (\w)/.exec(read(`/proc/${pid}/stat`) ?? '')?.[1];
}

function isAlive(pid: number): boolean {
  return ![undefined, 'Z', 'X'].includes(stateOf(pid));
}

function isServer(pid: number): boolean {
  return read(`/proc/${pid}/cmdline`)?.includes('\0run\0') === true;
}

/** What a process has started is read from /proc. */
describe.skipIf(process.platform !== 'linux')('the demonstration', () => {
  it('shows a takeover with its time, and leaves nothing running when it is killed, not even what it froze', async () => {
    await using demo = new Demo(process.execPath, [program, 'demo']);
    // Where nobody had frames yet, nothing is taken over.
    await demo.says(/captured by s3/);
    await demo.says(/server s3 is alive/);
    demo.type('k3');
    await demo.says(/taken over by s\d from s3 in \d+\.\d\d s: /);
    demo.type('f2');
    await until('s2 to be stopped', async () =>
      demo
        .started()
        .filter(isServer)
        .some((pid) => stateOf(pid) === 'T'),
    );
    await demo.end('SIGKILL');
    await until('its processes to be gone', async () => !demo.started().some(isAlive));
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('started by npm and ended by %s leaves nothing running', async (signal) => {
    await using demo = new Demo('npm', ['start']);
    await demo.says(/server s1 is alive/);
    expect(demo.started().filter(isServer)).toHaveLength(3);
    await demo.end(signal);
    await until('its processes to be gone', async () => !demo.started().some(isAlive));
  });

  it('ended by a signal to its group, which npm passes on as well, leaves no folder', async () => {
    await using demo = new Demo('npm', ['start']);
    await demo.says(/server s1 is alive/);
    await demo.endGroup('SIGINT');
    await until('its processes to be gone', async () => !demo.started().some(isAlive));
    expect(demo.left()).toEqual([]);
  });
});
