import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';

export type ProcessState = 'running' | 'frozen' | 'killed' | 'left';

interface Member {
  child: ChildProcess;
  state: ProcessState;
}

/** The demonstration's child processes, each with its output in a file. Ends only what it started. */
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

  /** Starts `node ARGS…` under this name; a running one of that name must have ended. */
  start(name: string, args: readonly string[]): void {
    const log = openSync(this.logFile(name), 'a');
    const child = spawn(process.execPath, args, { stdio: ['ignore', log, log] });
    closeSync(log);
    const member: Member = { child, state: 'running' };
    this.#members.set(name, member);
    child.once('exit', (code, signal) => {
      member.state = signal === 'SIGKILL' ? 'killed' : 'left';
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
    const frozen = member.state === 'frozen';
    member.child.kill(frozen ? 'SIGCONT' : 'SIGSTOP');
    member.state = frozen ? 'running' : 'frozen';
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

function hasEnded(member: Member): boolean {
  return member.child.exitCode !== null || member.child.signalCode !== null;
}

async function endAndWait(member: Member): Promise<void> {
  if (hasEnded(member)) return;
  const ended = once(member.child, 'exit');
  member.child.kill('SIGKILL');
  await ended;
}
