import pino, { type DestinationStream, type Logger } from 'pino';
import type { Log, LogFields } from '../units/log.ts';

export interface LogOptions {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  /** Readable lines instead of JSON: for a terminal. */
  readonly readable: boolean;
  /** Where lines go; standard error when absent, because standard output belongs to the command. */
  readonly write?: (line: string) => void;
}

/** The log of a process: JSON lines, or readable ones for a person. */
export function createLog(options: LogOptions): Log {
  const write = options.write ?? ((line: string) => process.stderr.write(line));
  const destination: DestinationStream = { write: options.readable ? (line) => write(readable(line)) : write };
  return new PinoLog(
    pino(
      { level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: levelName } },
      destination,
    ),
  );
}

class PinoLog implements Log {
  readonly #pino: Logger;

  constructor(logger: Logger) {
    this.#pino = logger;
  }

  error(message: string, fields: LogFields = {}): void {
    this.#pino.error(fields, message);
  }

  warn(message: string, fields: LogFields = {}): void {
    this.#pino.warn(fields, message);
  }

  info(message: string, fields: LogFields = {}): void {
    this.#pino.info(fields, message);
  }

  debug(message: string, fields: LogFields = {}): void {
    this.#pino.debug(fields, message);
  }

  child(fields: LogFields): Log {
    return new PinoLog(this.#pino.child(fields));
  }
}

const levelName = (level: string): { level: string } => ({ level });

/** One JSON line as `12:00:00.000 info message field=value`; text that is no JSON line stays as it is. */
function readable(line: string): string {
  const entry = parseEntry(line);
  if (entry === undefined) return line;
  const { level, time, msg, ...fields } = entry;
  const shown = Object.entries(fields).map(([name, value]) => `${name}=${shortValue(value)}`);
  return `${[String(time).slice(11, 23), String(level).padEnd(5), String(msg), ...shown].join(' ')}\n`;
}

function parseEntry(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function shortValue(value: unknown): string {
  return typeof value === 'string' && /^[\w./:@*-]+$/.test(value) ? value : JSON.stringify(value);
}
