import { type Ticks, timescale90k } from '../../units/ticks.ts';
import { type UnixMicros, unixMicros } from '../../units/time.ts';

/** Video that no server has. Nothing in it: none was at stake, or nobody can know. */
export interface Loss {
  /** Milliseconds of the stream's timeline. */
  readonly lostMs?: number;
  /** Where the hole lies, in the group's clock; absent where nothing is missing. Of several holes, from the first to the last. */
  readonly lostFrom?: UnixMicros;
  readonly lostTo?: UnixMicros;
}

/** What is missing between the end of what was published and the start of what was published next; in whole milliseconds, so that it adds up. */
export function lossBetween(end: Ticks | undefined, start: Ticks | undefined): Loss {
  if (end === undefined || start === undefined) return {};
  const [from, to] = [wholeMs(end), wholeMs(start)];
  return to <= from ? { lostMs: 0 } : { lostMs: to - from, lostFrom: micros(from), lostTo: micros(to) };
}

/** Both together. What one can't tell, the sum can't. */
export function addLoss(a: Loss, b: Loss): Loss {
  if (a.lostMs === undefined || b.lostMs === undefined) return {};
  const lostMs = a.lostMs + b.lostMs;
  const [from, to] = [[a.lostFrom, b.lostFrom].filter(isKnown), [a.lostTo, b.lostTo].filter(isKnown)];
  if (from.length === 0 || to.length === 0) return { lostMs };
  return { lostMs, lostFrom: unixMicros(Math.min(...from)), lostTo: unixMicros(Math.max(...to)) };
}

function isKnown(at: UnixMicros | undefined): at is UnixMicros {
  return at !== undefined;
}

function wholeMs(at: Ticks): number {
  return Math.round((at * 1000) / timescale90k);
}

function micros(ms: number): UnixMicros {
  return unixMicros(ms * 1000);
}
