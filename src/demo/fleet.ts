import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';

export type ProcessState = 'running' | 'frozen' | 'killed' | 'left';

interface Member {
  readonly child: ChildProcess;
  state: ProcessState;
  /** Keeps a frozen process stopped; see `freeze`. */
  holder?: ChildProcess;
}

/**
 * The demonstration's child processes, each with its output in a file. Ends only what it started, and what it started ends with it,
 * also when it has no time for that (kill -9): their standard input is a pipe from here, which is closed then.
 */
export class Fleet {
  readonly #members = new Map<string, Member>();
  readonly #logFolder: string;
  readonly #onExit: (name: string, how: string) => void;

  constructor(options: { readonly logFolder: string; readonly onExit: (name: string, how: string) => void }) {
    this.#logFolder = options.logFolder;
    this.#onExit = options.onExit;
  }

  logFile(name: string): string {
    return `${this.#logFolder}/${name}.log`;
  }

  state(name: string): ProcessState {
    return this.#members.get(name)?.state ?? 'killed';
  }

  /** Starts `node ARGS… --until-stdin-ends` under this name; a running one of that name must have ended. */
  start(name: string, args: readonly string[]): void {
    const log = openSync(this.logFile(name), 'a');
    const child = spawn(process.execPath, [...args, '--until-stdin-ends'], { stdio: ['pipe', log, log] });
    closeSync(log);
    const member: Member = { child, state: 'running' };
    this.#members.set(name, member);
    child.once('exit', (code, signal) => {
      member.state = signal === 'SIGKILL' ? 'killed' : 'left';
      member.holder?.stdin?.end();
      this.#onExit(name, signal ?? `exit code ${code}`);
    });
  }

  kill(name: string): void {
    const member = this.#members.get(name);
    if (member === undefined || hasEnded(member)) return;
    member.child.kill('SIGKILL');
  }

  /** Stops the process without its knowing (SIGSTOP), or lets it go on. */
  toggleFreeze(name: string): void {
    const member = this.#members.get(name);
    if (member === undefined || hasEnded(member)) return;
    if (member.state === 'frozen') member.holder?.stdin?.end();
    else member.holder = freeze(member.child);
    member.state = member.state === 'frozen' ? 'running' : 'frozen';
  }

  /** Asks the process to leave in order, a frozen one is ended; resolves when it is gone. */
  async leave(name: string): Promise<void> {
    const member = this.#members.get(name);
    if (member === undefined || hasEnded(member)) return;
    if (member.state === 'frozen') return endAndWait(member);
    const ended = once(member.child, 'exit');
    member.child.kill('SIGTERM');
    await ended;
  }

  /** Ends everything at once; resolves when no process is left. */
  async close(): Promise<void> {
    await Promise.all([...this.#members.values()].map(endAndWait));
  }

  /** For the last moment of the process, when nothing can be awaited any more. */
  killAllNow(): void {
    for (const member of this.#members.values()) if (!hasEnded(member)) member.child.kill('SIGKILL');
  }
}

/**
 * Stops the process for as long as the shell that this returns has its input open. A stopped process does not see that its own
 * input ends: the shell, whose input ends too when the demonstration is gone, lets it go on to see it.
 */
function freeze({ pid }: ChildProcess): ChildProcess {
  const script = 'trap "" HUP INT TERM; kill -STOP "$1"; cat; kill -CONT "$1"';
  return spawn('sh', ['-c', script, 'freeze', String(pid)], { stdio: ['pipe', 'ignore', 'ignore'] });
}

function hasEnded(member: Member): boolean {
  return member.child.exitCode !== null || member.child.signalCode !== null;
}

async function endAndWait(member: Member): Promise<void> {
  if (hasEnded(member)) return;
  const ended = once(member.child, 'exit');
  member.child.kill('SIGKILL');
  await ended;
}
