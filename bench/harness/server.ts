import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Lines } from '../../test/e2e/lines.ts';
import { end, startNode } from './own.ts';

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface ServerOptions {
  readonly name: string;
  readonly port: number;
  readonly configFile: string;
  /** CPU profiles of its threads go there when it leaves by itself. */
  readonly profile?: string | undefined;
}

/** A server as an operator runs it: the built program, `headwater run`. */
export class MeasuredServer {
  readonly url: string;
  readonly pid: number;
  readonly log: Lines;
  readonly #child: ChildProcess;
  readonly #profiled: boolean;

  constructor({ name, port, configFile, profile }: ServerOptions) {
    const profiling =
      profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-interval', '500', '--cpu-prof-dir', profile];
    this.#child = startNode([...profiling, program, 'run', configFile, '--name', name, '--log-level', 'warn'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    if (this.#child.stderr === null || this.#child.pid === undefined) throw new Error('the server did not start');
    this.log = new Lines(this.#child.stderr);
    this.pid = this.#child.pid;
    this.url = `http://127.0.0.1:${port}`;
    this.#profiled = profile !== undefined;
  }

  async get(path: string): Promise<string> {
    const response = await fetch(this.url + path, { signal: AbortSignal.timeout(10_000) });
    return response.text();
  }

  /** The value of a metric without labels; NaN when there is none. */
  async metric(name: string): Promise<number> {
    return metricIn(await this.get('/metrics'), name);
  }

  /** How late the main thread's event loop ran since the last scrape, in seconds. */
  async lag(): Promise<{ readonly p99: number; readonly longest: number }> {
    const text = await this.get('/metrics');
    // Node's own measurement has its sampling's interval of 10 ms in it.
    const longest = Math.max(0, metricIn(text, 'nodejs_eventloop_lag_max_seconds') - 0.01);
    return { p99: metricIn(text, 'headwater_event_loop_lag_p99_seconds'), longest };
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    // Profiles are written by a process that leaves; one that does not is killed by the end of the bench.
    const exited = once(this.#child, 'exit');
    if (this.#profiled) {
      this.#child.kill('SIGTERM');
      await exited;
    } else await end(this.#child);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function metricIn(text: string, name: string): number {
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  return line === undefined ? Number.NaN : Number(line.slice(name.length + 1));
}
