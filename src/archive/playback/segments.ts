import { type Ticks, ticks, timescale90k } from '../../units/ticks.ts';
import type { Span } from '../span/span.ts';
import type { Piece } from './cut-pieces.ts';

/** What a playlist lists; fragments of one run. */
export interface ArchiveSegment extends Span {
  readonly first: number;
  readonly last: number;
}

/** Where live segments aren't known any more, keyframes at least so far apart begin them. */
const shortestSegment = 2 * timescale90k;

/**
 * A piece in segments: those that live had, but for its first and last one, which the piece may cut. The one that is still being
 * recorded is left out: a listed segment doesn't grow.
 */
export function segmentsOf({
  index,
  first,
  last,
  end,
}: Pick<Piece<unknown>, 'index' | 'first' | 'last' | 'end'>): ArchiveSegment[] {
  const segments: ArchiveSegment[] = [];
  let open = { first, start: index.startOf(first) };
  const finish = (before: number, at: Ticks): void => {
    segments.push({ first: open.first, last: before - 1, start: open.start, end: at });
  };
  for (let i = first + 1; i <= last; i++) {
    const { beginsSegment, keyframe, numbered } = index.marksOf(i);
    if (!beginsSegment && (numbered || !keyframe)) continue;
    const start = index.startOf(i);
    if (!beginsSegment && start - open.start < shortestSegment) continue;
    finish(i, start);
    open = { first: i, start };
  }
  const grows = index.closing === undefined && last === index.count - 1;
  if (!grows) finish(last + 1, ticks(end));
  return segments;
}
