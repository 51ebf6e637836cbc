import type { Incarnation, ServerName, StreamName } from '../../units/ids.ts';
import { incarnation, serverName, streamName } from '../../units/ids.ts';
import { type UnixMicros, unixMicros } from '../../units/time.ts';
import type { EventKind } from './event-kinds.ts';

/** One line of last night's story, the same on every server that knows it. */
export interface JournalEvent {
  /** Who told it, in which life, and its place among what it told in that life: together its identity. */
  readonly server: ServerName;
  readonly life: Incarnation;
  readonly sequence: number;
  /** In the group's clock. */
  readonly at: UnixMicros;
  readonly kind: EventKind;
  readonly stream?: StreamName;
  readonly from?: ServerName;
  readonly to?: ServerName;
  /** The life of `from` that it is about, where all servers tell of it: what they tell of the same life is the same. */
  readonly fromLife?: Incarnation;
  /** The URL that the stream has its frames from since then, masked. */
  readonly source?: string;
  readonly cause?: string;
  readonly tookMs?: number;
  /** Video that no server has, in milliseconds of the stream's timeline; absent where none was at stake, or nobody can know. */
  readonly lostMs?: number;
  /** Where on the timeline it is missing, in the group's clock; of several holes, from the first to the last. Absent where nothing is missing. */
  readonly lostFrom?: UnixMicros;
  readonly lostTo?: UnixMicros;
  /** A sentence for people, without secrets. */
  readonly message: string;
  /** What a newer version tells of it: kept, so that servers of that version learn it by way of this one. */
  readonly unknown?: Readonly<Record<string, unknown>>;
}

/** More than this of unknown fields, as JSON text, are left out. */
const mostUnknown = 4_096;

export function eventId(event: JournalEvent): string {
  return `${event.server}-${event.life}-${event.sequence}`;
}

/**
 * The order in which events are told, alike on every server, in whatever order it learned of them: by time to the millisecond, for no more of it
 * travels, then by origin.
 */
export function inOrder(a: JournalEvent, b: JournalEvent): number {
  const [first, second] = [Math.floor(a.at / 1000), Math.floor(b.at / 1000)];
  if (first !== second) return first - second;
  if (a.server !== b.server) return a.server < b.server ? -1 : 1;
  return a.life - b.life || a.sequence - b.sequence;
}

/** One line of a journal file: JSON with the time readable and its name first, for people with grep. */
export function formatEvent(event: JournalEvent): string {
  return `${JSON.stringify(toWire(event))}\n`;
}

/** Total: the event of a line or of a peer's answer; undefined for a torn or strange one. Unknown kinds pass: a newer server may tell them. */
export function parseEvent(value: unknown): JournalEvent | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const raw = value as Record<string, unknown>;
  const at = timeOf(raw.time);
  const [lostFrom, lostTo] = [timeOf(raw.lostFrom), timeOf(raw.lostTo)];
  const { server, life, sequence, kind, message } = raw;
  const unknown = unknownIn(raw);
  if (at === undefined || typeof server !== 'string' || typeof kind !== 'string' || typeof message !== 'string')
    return undefined;
  if (!Number.isSafeInteger(life) || !Number.isSafeInteger(sequence)) return undefined;
  return {
    server: serverName(server),
    life: incarnation(Number(life)),
    sequence: Number(sequence),
    at,
    kind: kind as EventKind,
    ...(typeof raw.stream === 'string' && { stream: streamName(raw.stream) }),
    ...(typeof raw.from === 'string' && { from: serverName(raw.from) }),
    ...(typeof raw.to === 'string' && { to: serverName(raw.to) }),
    ...(Number.isSafeInteger(raw.fromLife) && { fromLife: incarnation(Number(raw.fromLife)) }),
    ...(typeof raw.source === 'string' && { source: raw.source }),
    ...(typeof raw.cause === 'string' && { cause: raw.cause }),
    ...(isSpan(raw.tookMs) && { tookMs: raw.tookMs }),
    ...(isSpan(raw.lostMs) && { lostMs: raw.lostMs }),
    ...(lostFrom !== undefined && { lostFrom }),
    ...(lostTo !== undefined && { lostTo }),
    message,
    ...(unknown !== undefined && { unknown }),
  };
}

/** By their names in the file. */
const known: ReadonlySet<string> = new Set([
  ...['time', 'server', 'life', 'sequence', 'kind', 'stream', 'from', 'to', 'fromLife', 'source', 'cause'],
  ...['tookMs', 'lostMs', 'lostFrom', 'lostTo', 'message'],
]);

function unknownIn(raw: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  const found = Object.entries(raw).filter(([name]) => !known.has(name));
  if (found.length === 0) return undefined;
  const fields = Object.fromEntries(found);
  return JSON.stringify(fields).length > mostUnknown ? undefined : fields;
}

/** JSON's 1e999 is a number, but no span of time. */
function isSpan(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** As it travels between servers: the same object as in the file. */
export function toWire(event: JournalEvent): unknown {
  const { at, lostFrom, lostTo, unknown, ...rest } = event;
  const hole = {
    ...(lostFrom !== undefined && { lostFrom: isoMicros(lostFrom) }),
    ...(lostTo !== undefined && { lostTo: isoMicros(lostTo) }),
  };
  return { time: isoMicros(at), ...rest, ...hole, ...unknown };
}

/** UTC with milliseconds: more would pretend that the group's clocks agree better than they do. */
function isoMicros(at: UnixMicros): string {
  return new Date(Math.floor(at / 1000)).toISOString();
}

function timeOf(text: unknown): UnixMicros | undefined {
  const ms = typeof text === 'string' ? Date.parse(text) : Number.NaN;
  // A clock may say a year that microseconds can't: beyond 2255.
  return Number.isSafeInteger(ms * 1000) ? unixMicros(ms * 1000) : undefined;
}
