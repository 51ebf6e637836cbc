import type { SegmentGrid } from './segment-grid.ts';
import { listLength } from './window.ts';

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
/** Borders forced by changing codec parameters or by a short hole may bring numbers one ahead of time; further ones wait for time to catch up. */
const farthestLead = 1;
/** A number this far ahead comes from another `segment_duration`; time would never catch up. */
const foreignLead = 30;
/** The configuration allows no shorter segments, so that time gives no higher numbers. */
const shortestSegmentTicks = 45_000;

/**
 * In segments. Behind a hole shorter than this, numbers go on, and the list with them: what was published before the hole and not fetched yet
 * stays listed (docs/decisions/024). Behind a longer one everybody has read the list, and none of it belongs before what is new.
 */
const longestHole = listLength;
/**
 * In segments. A list that goes on by these is not seen to move for as long, and what they hold is never fetched; nearer ones come from borders
 * that differ by a keyframe, and to leap behind them would cost more. At any `segment_duration` they are over before viewers' servers give up
 * waiting (`longestBehind` in delivery/live).
 */
export const farBehind = 3;

/** Gathers fragments into numbered segments. Numbers only grow; some are left out only behind a long hole, and where what was published is not known. */
export class Segmenter<F extends FragmentSpan> {
  readonly #grid: SegmentGrid;
  #open: OpenSegment<F> | undefined;
  /** The next number where the last one is known, and when that ended; otherwise it comes from the time. */
  #next: { readonly number: number; readonly end: number } | undefined;
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

  /** No segment will have this number or a lower one. */
  startBehind(number: number): void {
    this.#least = Math.max(this.#least, number + 1);
    if (this.#next !== undefined && this.#next.number < this.#least) this.#next = undefined;
  }

  /** Nobody published a higher number than this, and its segment ended there: the next segment has the one after it, unless it starts much later. */
  goOnBehind(number: number, end: number): void {
    this.startBehind(number);
    this.#next = { number: this.#least, end };
  }

  /**
   * Viewers were shown segments up to this number, it is `now`. Higher ones they will see soon, unless it is from another `segment_duration`, or
   * from a server that counted on by time where this one had holes: then the next segment has a higher one. One that only hears its source
   * late has the same pictures under the same numbers, later, and no reason to leap.
   */
  leapBehind(number: number, now: number): void {
    const lead = number - this.#grid.numberAt(now);
    const isForeign = lead >= foreignLead && number <= now / shortestSegmentTicks;
    const own = this.#open?.number ?? this.#least - 1;
    const lag = this.#grid.numberAt(this.#open?.start ?? now) - own;
    const isFar = lead <= 0 && Math.min(number - own, lag) >= farBehind;
    if (isForeign || isFar) this.startBehind(number);
  }

  /** Whether the fragment has a place: in the open segment, or as the start of one. */
  accepts(start: number, startsSegment: boolean): boolean {
    if (this.#open !== undefined) return true;
    const lead = this.#numberFor(start) - this.#grid.numberAt(start);
    return (startsSegment || this.#cutShort) && (lead <= farthestLead || lead >= foreignLead);
  }

  /** Of the segment that an accepted fragment which starts there belongs to. */
  numberOf(start: number): number {
    return this.#open?.number ?? this.#numberFor(start);
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
    return this.#close(start);
  }

  /** Takes the next accepted fragment. */
  push(fragment: F): void {
    this.#open ??= this.#begin(fragment.start);
    this.#open.fragments.push(fragment);
  }

  /** Ends the open segment where its last fragment ends: other codec parameters follow, or there is a hole behind it. */
  cut(): Segment<F> | undefined {
    return this.#close(this.#open?.fragments.at(-1)?.end ?? 0);
  }

  /** Whether what follows would have to wait for time if the open segment were ended at `end`. */
  isAheadAt(end: number): boolean {
    return this.#open !== undefined && this.#open.number + 1 - this.#grid.numberAt(end) > farthestLead;
  }

  /** Forgets the open segment in favour of one that begins where it did, or little later: that has its number. */
  withdraw(): void {
    const open = this.#open;
    this.#open = undefined;
    if (open !== undefined) this.#next = { number: open.number, end: open.start };
  }

  /** Forgets the open segment, whose bytes are lost, and leaves its number out. */
  drop(): void {
    this.#close(0);
    this.#next = undefined;
  }

  #begin(start: number): OpenSegment<F> {
    const number = this.#numberFor(start);
    this.#next = undefined;
    this.#cutShort = false;
    return { number, start, fragments: [] };
  }

  #close(end: number): Segment<F> | undefined {
    const open = this.#open;
    if (open === undefined) return undefined;
    this.#open = undefined;
    const following = open.number + 1;
    this.#least = Math.max(this.#least, following);
    this.#next = this.#least === following ? { number: following, end } : undefined;
    return { ...open, end };
  }

  #numberFor(start: number): number {
    const next = this.#next;
    if (next !== undefined && start - next.end < longestHole * this.#grid.duration) return next.number;
    return Math.max(this.#least, this.#grid.numberAt(start));
  }
}
