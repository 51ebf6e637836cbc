import type { SegmentGrid } from './segment-grid.ts';

/** What the segmenter must know of a fragment; times are 90 kHz UTC. */
export interface FragmentSpan {
  /** A segment may start with it: it begins with a keyframe of the video, or the stream has no video to wait for. */
  readonly startsSegment: boolean;
  /** Presentation of its first frame, of video when it has any. */
  readonly start: number;
  readonly end: number;
}

/** Consecutive fragments under one number. */
export interface Segment<F extends FragmentSpan> {
  readonly number: number;
  readonly start: number;
  /** Where the next begins, or would. */
  readonly end: number;
  readonly fragments: readonly F[];
}

interface OpenSegment<F> {
  readonly number: number;
  readonly start: number;
  readonly fragments: F[];
}

/** A GOP that never ends must not make a segment that never ends: then any fragment starts the next one. */
const longestSegmentTicks = 30 * 90_000;
/** Borders forced by changing codec parameters may bring numbers one ahead of time; further ones wait for time to catch up. */
const farthestLead = 1;
/** A number this far ahead comes from another `segment_duration`; time would never catch up. */
const foreignLead = 30;
/** The configuration allows no shorter segments, so that time gives no higher numbers. */
const shortestSegmentTicks = 45_000;

/** Gathers fragments into numbered segments. Numbers only grow; one is left out exactly where something is missing. */
export class Segmenter<F extends FragmentSpan> {
  readonly #grid: SegmentGrid;
  #open: OpenSegment<F> | undefined;
  /** The next number where nothing is missing before it; otherwise it comes from the time. */
  #next: number | undefined;
  #least = Number.NEGATIVE_INFINITY;
  /** The last segment was ended for its length: what follows needs no keyframe. */
  #cutShort = false;

  constructor(grid: SegmentGrid) {
    this.#grid = grid;
  }

  /** The segment in the making. */
  get open(): { readonly number: number; readonly start: number } | undefined {
    return this.#open;
  }

  /** No segment will have this number or a lower one; `follows`: the next one to come has the one after it. */
  startBehind(number: number, follows = false): void {
    this.#least = Math.max(this.#least, number + 1);
    if (follows) this.#next = this.#least;
  }

  /**
   * Viewers were shown segments up to this number, it is `now`. Higher ones they will see when time has reached it; if it is from another
   * `segment_duration` that would take for ever, so the next segment has a higher one.
   */
  leapBehind(number: number, now: number): void {
    const isForeign = number - this.#grid.numberAt(now) >= foreignLead;
    if (isForeign && number <= now / shortestSegmentTicks) this.startBehind(number);
  }

  /** Whether the fragment has a place: in the open segment, or as the start of one. */
  accepts(start: number, startsSegment: boolean): boolean {
    if (this.#open !== undefined) return true;
    const lead = this.#numberFor(start) - this.#grid.numberAt(start);
    return (startsSegment || this.#cutShort) && (lead <= farthestLead || lead >= foreignLead);
  }

  /** Whether an accepted fragment that starts there starts a segment. */
  isBorder(start: number, startsSegment: boolean): boolean {
    const open = this.#open;
    if (open === undefined || start - open.start >= longestSegmentTicks) return true;
    return startsSegment && start >= this.#grid.endOf(open.number, open.start);
  }

  /** Ends the open segment if what starts there starts another. To be asked before every `push`. */
  endBefore(start: number, startsSegment: boolean): Segment<F> | undefined {
    if (this.#open === undefined || !this.isBorder(start, startsSegment)) return undefined;
    this.#cutShort = !startsSegment;
    return this.#close(start, true);
  }

  /** Takes the next accepted fragment. */
  push(fragment: F): void {
    this.#open ??= this.#begin(fragment.start);
    this.#open.fragments.push(fragment);
  }

  /**
   * Ends the open segment where its last fragment ends. `follows`: what comes next continues the timeline (other codec parameters), so its
   * number is the next one; otherwise there is a hole behind it, and the next number comes from the time.
   */
  cut(follows: boolean): Segment<F> | undefined {
    return this.#close(this.#open?.fragments.at(-1)?.end ?? 0, follows);
  }

  /** Forgets the open segment, whose bytes are lost, and leaves its number out. */
  drop(): void {
    this.#close(0, false);
    this.#next = undefined;
  }

  #begin(start: number): OpenSegment<F> {
    const number = this.#numberFor(start);
    this.#next = undefined;
    this.#cutShort = false;
    return { number, start, fragments: [] };
  }

  #close(end: number, follows: boolean): Segment<F> | undefined {
    const open = this.#open;
    if (open === undefined) return undefined;
    this.#open = undefined;
    const following = open.number + 1;
    this.#least = Math.max(this.#least, following);
    this.#next = follows && this.#least === following ? following : undefined;
    return { ...open, end };
  }

  #numberFor(start: number): number {
    return this.#next ?? Math.max(this.#least, this.#grid.numberAt(start));
  }
}
