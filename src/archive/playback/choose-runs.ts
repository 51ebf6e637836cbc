import { type Ticks, ticks } from '../../units/ticks.ts';
import type { ArchivedRun } from '../catalogue/archived-run.ts';
import { compareRunNames } from '../layout/run-name.ts';
import { type Span, seam } from '../span/span.ts';

/** A run that plays from `from` to `until`, or less: the next leg may begin earlier where both have a picture to change at. */
export interface Leg<R> extends Recording<R> {
  readonly from: Ticks;
  readonly until: Ticks;
}

/** A stretch of a run with nothing missing in it. */
interface Recording<R> {
  readonly run: R;
  readonly span: Span;
}

/**
 * Which runs to play a span from, in order: all of it that anybody recorded, with as few changes as can be. What plays goes on to its end,
 * and there the one follows that reaches farthest. All servers that know the same runs choose the same.
 */
export function chooseRuns<R extends ArchivedRun>(runs: Iterable<R>, { start, end }: Span): Leg<R>[] {
  const recordings = recordingsOf(runs);
  const legs: Leg<R>[] = [];
  let [next, time]: [number, number] = [0, start];
  let farthest: Recording<R> | undefined;
  while (time < end) {
    for (; next < recordings.length && (recordings[next]?.span.start ?? 0) <= time + seam; next++) {
      farthest = farther(farthest, recordings[next]);
    }
    if (farthest !== undefined && farthest.span.end > time) {
      const from = ticks(Math.max(time, farthest.span.start));
      legs.push({ ...farthest, from, until: ticks(Math.min(farthest.span.end, end)) });
      time = farthest.span.end;
    } else if (next < recordings.length) time = recordings[next]?.span.start ?? end;
    else break;
  }
  return legs;
}

function recordingsOf<R extends ArchivedRun>(runs: Iterable<R>): Recording<R>[] {
  const recordings = [...runs].flatMap((run) => (run.spans ?? [run]).map((span) => ({ run, span })));
  return recordings.sort((a, b) => a.span.start - b.span.start || compareRunNames(a.run, b.run));
}

function farther<R>(a: Recording<R> | undefined, b: Recording<R> | undefined): Recording<R> | undefined {
  return a === undefined || (b !== undefined && b.span.end > a.span.end) ? b : a;
}
