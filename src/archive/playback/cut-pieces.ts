import { type Ticks, ticks } from '../../units/ticks.ts';
import type { ArchivedRun } from '../catalogue/archived-run.ts';
import type { RunIndex } from '../index/run-index.ts';
import { type Span, seam } from '../span/span.ts';
import { changeOver } from './change-over.ts';
import type { Leg } from './choose-runs.ts';

/** Consecutive fragments of one run. */
export interface Piece<R> extends Span {
  readonly kind: 'piece';
  readonly run: R;
  readonly index: RunIndex;
  readonly first: number;
  readonly last: number;
}

/** Nobody who can be asked has it. */
export interface Gap extends Span {
  readonly kind: 'gap';
}

/** A leg and the index of its run. */
export interface IndexedLeg<R> {
  readonly leg: Leg<R>;
  readonly index: RunIndex;
}

/**
 * What is played for a span, in order: pieces that each begin with a keyframe, the first at or before the span's start, and the gaps
 * between them. Where a change is at no common picture, a piece may begin less than a fragment before the last one ends.
 */
export function cutPieces<R extends ArchivedRun>(legs: readonly IndexedLeg<R>[], span: Span): (Piece<R> | Gap)[] {
  const pieces: Piece<R>[] = [];
  for (const { leg, index } of legs) {
    const begin = Math.max(0, index.fragmentAt(leg.span.start));
    const end = index.fragmentAt(leg.until - 1) + 1;
    const first = enter(pieces, { leg, index }, begin);
    if (first < end) pieces.push(piece(leg.run, index, first, end));
  }
  return withGaps(pieces, span);
}

/** The leg's first fragment to play; the piece before it is cut to that. */
function enter<R>(pieces: Piece<R>[], { leg, index }: IndexedLeg<R>, begin: number): number {
  const before = pieces.at(-1);
  if (before !== undefined && leg.from - before.end <= seam) {
    const found = changeOver({ earlier: before.index, end: before.last + 1, later: index, begin });
    if (found !== undefined) {
      pieces.pop();
      if (found.leave > before.first) pieces.push(piece(before.run, before.index, before.first, found.leave));
      return found.enter;
    }
  }
  return keyframeAt(index, begin, leg.from);
}

/** The last keyframe at or before a time, else the first behind it. */
function keyframeAt(index: RunIndex, begin: number, time: number): number {
  const at = Math.max(begin, index.fragmentAt(time));
  for (let i = at; i >= begin && i < index.count; i--) if (index.marksOf(i).keyframe) return i;
  let i = at + 1;
  while (i < index.count && !index.marksOf(i).keyframe) i += 1;
  return i;
}

/** Up to where the next fragment begins, if there is one: nothing is missing before that. */
function piece<R>(run: R, index: RunIndex, first: number, end: number): Piece<R> {
  const over = index.endOf(end - 1);
  const until = end < index.count ? Math.min(index.startOf(end), over + seam) : over;
  return { kind: 'piece', run, index, first, last: end - 1, start: index.startOf(first), end: ticks(until) };
}

function withGaps<R>(pieces: readonly Piece<R>[], span: Span): (Piece<R> | Gap)[] {
  const parts: (Piece<R> | Gap)[] = [];
  let time: Ticks = span.start;
  for (const one of pieces) {
    if (one.start - time > seam) parts.push({ kind: 'gap', start: time, end: one.start });
    parts.push(one);
    time = one.end;
  }
  if (span.end - time > seam) parts.push({ kind: 'gap', start: time, end: span.end });
  return parts;
}
