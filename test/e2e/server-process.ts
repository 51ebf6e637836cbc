import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import {
  type EventJson,
  eventsSchema,
  type ServerJson,
  type StreamJson,
  serversSchema,
  streamsSchema,
} from '../../src/api/schema.ts';
import { Lines, type NextOptions } from './lines.ts';

/** The built program. */
export const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** What a test reads of a log line. */
export interface LogEntry {
  readonly time: string;
  readonly level: string;
  readonly msg: string;
  readonly kind?: string;
  readonly stream?: string;
  readonly from?: string;
  readonly cause?: string;
  readonly tookMs?: number;
  readonly lostMs?: number;
}

/** One server of the group as a real process. Signals reach this process only. */
export class ServerProcess {
  readonly name: string;
  readonly url: string;
  readonly log: Lines;
  readonly #child: ChildProcess;

  constructor(name: string, port: number, configFile: string) {
    this.name = name;
    this.url = `http://127.0.0.1:${port}`;
    this.#child = spawn(process.execPath, [program, 'run', configFile, '--name', name], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    if (this.#child.stderr === null) throw new Error('no standard error');
    this.log = new Lines(this.#child.stderr);
  }

  /** The first log line that fits. */
  logged(what: string, fits: (entry: LogEntry) => boolean, options?: NextOptions): Promise<LogEntry> {
    const pick = (line: string): LogEntry | undefined => {
      const entry = parseEntry(line);
      return entry !== undefined && fits(entry) ? entry : undefined;
    };
    return this.log.next(`${this.name} to log ${what}`, pick, options);
  }

  async servers(): Promise<readonly ServerJson[]> {
    return (await this.#get('/api/v1/servers', serversSchema)).servers;
  }

  async streams(): Promise<readonly StreamJson[]> {
    return (await this.#get('/api/v1/streams', streamsSchema)).streams;
  }

  async events(): Promise<readonly EventJson[]> {
    return (await this.#get('/api/v1/events?limit=1000', eventsSchema)).events;
  }

  /** The moment of the signal, milliseconds since 1970. */
  signal(signal: NodeJS.Signals): number {
    this.#child.kill(signal);
    return Date.now();
  }

  /** The exit code; null when a signal ended it. */
  async exited(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
    return this.#child.exitCode;
  }

  async close(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exited();
  }

  async #get<T extends z.ZodType>(path: string, schema: T): Promise<z.infer<T>> {
    const response = await fetch(this.url + path, { signal: AbortSignal.timeout(5_000) });
    return schema.parse(await response.json());
  }
}

function parseEntry(line: string): LogEntry | undefined {
  try {
    return JSON.parse(line) as LogEntry;
  } catch {
    return undefined;
  }
}
