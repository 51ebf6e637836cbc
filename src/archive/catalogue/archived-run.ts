import { type Ticks, ticks } from '../../units/ticks.ts';
import type { Closing } from '../index/closing.ts';
import type { RunIndex } from '../index/run-index.ts';
import type { RunName } from '../layout/run-name.ts';
import type { Span } from '../span/span.ts';

/** What a catalogue keeps of a run. Flat, for a server has tens of thousands. */
export interface ArchivedRun extends RunName, Span {
  /** Of the recording. */
  readonly bytes: number;
  /** It is being recorded: its end and length grow. */
  readonly open: boolean;
  /** Where its recording lies, when something is missing between start and end. */
  readonly spans: readonly Span[] | undefined;
}

/** Of a run that is ended, by its closing record. One with holes needs `indexedRun`. */
export function closedRun(name: RunName, { start, end, bytes }: Pick<Closing, 'start' | 'end' | 'bytes'>): ArchivedRun {
  return archivedRun(name, { start, end, bytes, open: false, spans: undefined });
}

/** By all of its index. */
export function indexedRun(name: RunName, index: RunIndex): ArchivedRun {
  const spans = index.spans();
  const [start, end] = [spans[0]?.start ?? ticks(0), spans.at(-1)?.end ?? ticks(0)];
  const [bytes, open] = [index.mediaBytes, index.closing === undefined];
  return archivedRun(name, { start, end, bytes, open, spans: spans.length > 1 ? spans : undefined });
}

/** Of a run that begins; `grown` tells the rest. */
export function openRun(name: RunName, start: Ticks): ArchivedRun {
  return archivedRun(name, { start, end: start, bytes: 0, open: true, spans: undefined });
}

/** The same field order for all, so that the engine keeps one shape of object. */
function archivedRun(
  { startMs, server, incarnation, ordinal }: RunName,
  { start, end, bytes, open, spans }: Omit<ArchivedRun, keyof RunName>,
): ArchivedRun {
  return { startMs, server, incarnation, ordinal, start, end, bytes, open, spans };
}
