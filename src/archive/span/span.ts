import { type Ticks, ticks } from '../../units/ticks.ts';

/** A stretch of UTC, 90 kHz; `end` is the first moment behind it. */
export interface Span {
  readonly start: Ticks;
  readonly end: Ticks;
}

/**
 * What follows within a quarter of a second follows at once, 90 kHz. Pictures are stored in another order than they are shown in, so that
 * a fragment's times may miss some of its neighbour's; and two servers hear one camera at slightly different times. A lost
 * fragment is longer in most streams.
 */
export const seam = 22_500;

/** The spans without those between which nothing is missing; in order of their starts, as they must come. */
export function joined(spans: Iterable<Span>): Span[] {
  const found: Span[] = [];
  for (const { start, end } of spans) {
    const last = found.at(-1);
    if (last === undefined || start - last.end > seam) found.push({ start, end });
    else if (end > last.end) found[found.length - 1] = { start: last.start, end };
  }
  return found;
}

/** What of the span lies in the other; undefined when nothing does. */
export function overlap(a: Span, b: Span): Span | undefined {
  const [start, end] = [Math.max(a.start, b.start), Math.min(a.end, b.end)];
  return start < end ? { start: ticks(start), end: ticks(end) } : undefined;
}
