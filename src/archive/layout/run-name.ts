import { type Incarnation, incarnation, type ServerName, serverName } from '../../units/ids.ts';
import { dashlessName, readDashlessName } from './safe-name.ts';

/**
 * What names a run within its stream, on every server and for ever: nobody else ever makes the same. A copy has the name of what it is a
 * copy of.
 */
export interface RunName {
  /** UTC of the first fragment's start in milliseconds, rounded down. */
  readonly startMs: number;
  /** Who recorded it, and in which of its lives. */
  readonly server: ServerName;
  readonly incarnation: Incarnation;
  /** Counts the runs of this stream in that life, from 1. */
  readonly ordinal: number;
}

/** So that names of one stream, sorted as text, are sorted by time; enough until the year 2286. */
const startDigits = 13;
const whole = '0|[1-9][0-9]{0,15}';
const pattern = new RegExp(`^([0-9]{${startDigits}})-([^-]+)-(${whole})-(${whole})$`);

/** `<start>-<server>-<incarnation>-<ordinal>`, one part of a path without an ending. */
export function formatRunName({ startMs, server, incarnation: life, ordinal }: RunName): string {
  return `${String(startMs).padStart(startDigits, '0')}-${dashlessName(server)}-${life}-${ordinal}`;
}

/** Undefined for what no run is called. */
export function parseRunName(text: string): RunName | undefined {
  const [, start, server = '', life, ordinal] = pattern.exec(text) ?? [];
  const recorder = readDashlessName(server);
  const numbers = [Number(life), Number(ordinal)];
  if (recorder === undefined || !numbers.every(Number.isSafeInteger)) return undefined;
  return {
    startMs: Number(start),
    server: serverName(recorder),
    incarnation: incarnation(Number(life)),
    ordinal: Number(ordinal),
  };
}

/** By time; a total order, the same on all servers. */
export function compareRunNames(a: RunName, b: RunName): number {
  const byServer = a.server < b.server ? -1 : a.server > b.server ? 1 : 0;
  return a.startMs - b.startMs || byServer || a.incarnation - b.incarnation || a.ordinal - b.ordinal;
}
