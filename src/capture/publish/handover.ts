import type { FirstPlace } from '../../facts/protocol.ts';
import type { LiveSegment } from '../../hls/live-window.ts';
import type { SegmentGrid } from '../../hls/segment-grid.ts';
import { type FragmentSpan, type Segment, Segmenter } from '../../hls/segmenter.ts';
import { findAdoptions } from '../../timeline/adoption.ts';
import { type RecordedFragment, shifted } from '../run/recorded-fragment.ts';

/** A predecessor's window reaches back this far at most with usual durations; older fragments can't help. */
const longestBacklogTicks = 40 * 90_000;
/** Some sources code the same picture differently for each connection: after this the successor goes by its own clock. */
const patienceTicks = 15 * 90_000;
/** With pictures in common, how long the successor may try to reach the predecessor's live edge. */
const edgePatienceTicks = 12 * 90_000;

/** What the successor does from now on. */
export interface Successor {
  /** What to add to the capture's own times, 90 kHz. */
  readonly shift: number;
  readonly segmenter: Segmenter<RecordedFragment>;
  /** Ended already, to be published at once. */
  readonly ended: readonly Segment<RecordedFragment>[];
  /** Whether a keyframe was found that both have: then nothing is lost or shown twice. */
  readonly adopted: boolean;
}

/**
 * The successor's side of an overlapping handover: records without publishing until it can continue the predecessor's numbers and times
 * up to the live edge.
 */
export class Handover {
  readonly #grid: SegmentGrid;
  readonly #place: FirstPlace;
  readonly #backlog: RecordedFragment[] = [];
  #predecessor: readonly LiveSegment[] = [];
  /** The predecessor's segment to go on behind, once no common picture is expected any more. */
  #behindOf: LiveSegment | undefined;

  /** `place`: behind what is known to be published, should no window of the predecessor ever come. */
  constructor(grid: SegmentGrid, place: FirstPlace) {
    this.#grid = grid;
    this.#place = place;
  }

  /** The predecessor's newest window; repeated while it goes on. */
  offer(segments: readonly LiveSegment[]): void {
    if ((segments.at(-1)?.number ?? -1) >= (this.#predecessor.at(-1)?.number ?? -1)) this.#predecessor = segments;
  }

  push(fragment: RecordedFragment): void {
    this.#backlog.push(fragment);
    const oldest = fragment.start - longestBacklogTicks;
    while ((this.#backlog[0]?.start ?? oldest) < oldest) this.#backlog.shift();
  }

  /** There is a hole: what was recorded before it doesn't share a clock with what follows. */
  clear(): void {
    this.#backlog.length = 0;
  }

  /** Absent while it has to go on waiting. */
  resolve(): Successor | undefined {
    const last = this.#predecessor.at(-1);
    if (last === undefined) return this.#waitedFor(patienceTicks) ? this.onOwnTimeline(this.#place) : undefined;
    const own = this.#backlog.map(({ start, hash, startsSegment }) => ({ start, hash: startsSegment ? hash : '' }));
    const found = findAdoptions(this.#predecessor, own);
    if (found.length === 0 && this.#waitedFor(patienceTicks)) return this.#atEdge(last, this.#behind(last));
    for (const { index, shift, number } of found) {
      const end = (this.#backlog[index]?.start ?? 0) + shift;
      const successor = this.#replay(index, shift, { notBefore: end, numberAfter: number - 1, isLast: true }, true);
      if (successor.ended.length > 0) return this.#atEdge(last, successor);
    }
    return undefined;
  }

  /** Whoever hears the source much later than its predecessor never reaches the live edge; its viewers' buffers bridge that. */
  #atEdge(last: LiveSegment, successor: Successor | undefined): Successor | undefined {
    const reached = successor?.ended.at(-1)?.number;
    if (reached === undefined) return undefined;
    return reached >= last.number || this.#waitedFor(edgePatienceTicks) ? successor : undefined;
  }

  /** There is no predecessor to wait for: behind its last segment, as far as that is known. */
  onOwnTimeline(place: FirstPlace): Successor {
    const { notBefore = Number.NEGATIVE_INFINITY } = place;
    const from = this.#backlog.findIndex(({ startsSegment, start }) => startsSegment && start >= notBefore);
    return this.#replay(from < 0 ? this.#backlog.length : from, 0, place, false);
  }

  /** The predecessor goes on and shares no picture: by one's own clock, in its numbers, from one of its segments on. */
  #behind(last: LiveSegment): Successor | undefined {
    this.#behindOf ??= last;
    const end = this.#behindOf.start + this.#behindOf.duration;
    const from = this.#backlog.findIndex(
      ({ startsSegment, start }) => startsSegment && start >= end - this.#grid.duration / 4,
    );
    if (from < 0) return undefined;
    const shift = Math.max(0, end - (this.#backlog[from]?.start ?? end));
    return this.#replay(from, shift, { notBefore: end, numberAfter: this.#behindOf.number, isLast: true }, false);
  }

  /** `adopted`: the first picture is the predecessor's. */
  #replay(from: number, shift: number, place: FirstPlace, adopted: boolean): Successor {
    const segmenter = segmenterAt<RecordedFragment>(this.#grid, place);
    const ended: Segment<RecordedFragment>[] = [];
    let run: RecordedFragment['run'] | undefined;
    for (const own of this.#backlog.slice(from)) {
      const fragment = shifted(own, shift);
      const { start, startsSegment } = fragment;
      // A segment lies in one file.
      const cut = run !== undefined && run !== fragment.run ? segmenter.cut() : undefined;
      run = fragment.run;
      const segment = cut ?? segmenter.endBefore(start, startsSegment);
      if (segment !== undefined) ended.push(segment);
      if (segmenter.accepts(start, startsSegment)) segmenter.push(fragment);
    }
    return { shift, segmenter, ended, adopted };
  }

  #waitedFor(span: number): boolean {
    const first = this.#backlog[0];
    const last = this.#backlog.at(-1);
    return first !== undefined && last !== undefined && last.end - first.start >= span;
  }
}

/** One that begins there. */
export function segmenterAt<F extends FragmentSpan>(grid: SegmentGrid, place: FirstPlace): Segmenter<F> {
  const { notBefore, numberAfter, isLast = false } = place;
  const segmenter = new Segmenter<F>(grid);
  if (numberAfter === undefined) return segmenter;
  if (isLast && notBefore !== undefined) segmenter.goOnBehind(numberAfter, notBefore);
  else segmenter.startBehind(numberAfter);
  return segmenter;
}
