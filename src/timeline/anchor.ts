import type { UnixMicros } from '../units/time.ts';

/** How long arrivals are watched at least before the anchor is fixed: covers jitter and several frames of most sources. */
const firstMomentsMicros = 500_000;
/** A burst of the past lowers the smallest difference with every frame; the first moments last until it has stood this long. */
const quietMicros = 250_000;
/** What counts as lowering: below it is jitter. */
const improvementMicros = 10_000;
/** No burst may hold the video back longer than this. */
const longestFirstMomentsMicros = 2_000_000;
/** The most that one segment corrects. A player doesn't notice a millisecond; 1 ms in 2 s follows any quartz. */
const slewMicros = 1_000;
/** Jitter of the smallest arrival in a segment; without it every segment would end in a needless correction. */
const deadZoneMicros = 10_000;
/** Sources this far ahead of the arrival lie about time; a slew can't catch up with them, and numbers may not run ahead. */
const farthestAheadMicros = 1_000_000;
/** A source this far behind has stopped its clock for good: UTC would be wrong for the archive's reader. */
const farthestBehindMicros = 30_000_000;

/**
 * What to add to a source's time to get UTC, one for all tracks of an input: the smallest arrival-minus-timestamp of the first
 * moments, then slewed against drift. All values are microseconds.
 */
export class Anchor {
  #micros: number | undefined;
  #smallest = Number.POSITIVE_INFINITY;
  #firstArrival: number | undefined;
  #loweredAt = 0;
  /** Since the last slew, relative to the anchor: positive when the source is behind. */
  #smallestError = Number.POSITIVE_INFINITY;

  /** Absent during the first moments. */
  get micros(): number | undefined {
    return this.#micros;
  }

  /** Every frame of every track goes through here, in the order of arrival. */
  observe(source: number, arrival: UnixMicros): void {
    const difference = arrival - source;
    if (this.#micros !== undefined) this.#smallestError = Math.min(this.#smallestError, difference - this.#micros);
    else this.#learn(difference, arrival);
  }

  /** Ends the first moments with what is known; needs at least one observed frame. */
  settle(): number {
    this.#micros ??= Math.round(this.#smallest);
    return this.#micros;
  }

  /** Whether a frame of this source time, arriving now, would lie impossibly far in the future. */
  isAhead(source: number, arrival: UnixMicros): boolean {
    return this.#micros !== undefined && source + this.#micros > arrival + farthestAheadMicros;
  }

  /** How far the source is behind the anchor since the last slew, negative when it is ahead; absent without a frame since. */
  get behind(): number | undefined {
    return Number.isFinite(this.#smallestError) ? this.#smallestError : undefined;
  }

  /** Once a segment. Says `lost` when the source has fallen so far behind that only a step helps. */
  slew(): 'kept' | 'lost' {
    const error = this.#smallestError;
    this.#smallestError = Number.POSITIVE_INFINITY;
    if (this.#micros === undefined || !Number.isFinite(error)) return 'kept';
    if (error > farthestBehindMicros) return 'lost';
    const beyond = Math.sign(error) * Math.max(0, Math.abs(error) - deadZoneMicros);
    this.#micros += Math.round(Math.max(-slewMicros, Math.min(slewMicros, beyond)));
    return 'kept';
  }

  #learn(difference: number, arrival: number): void {
    this.#firstArrival ??= arrival;
    if (difference < this.#smallest - improvementMicros) this.#loweredAt = arrival;
    this.#smallest = Math.min(this.#smallest, difference);
    const watched = arrival - this.#firstArrival;
    const quiet = arrival - this.#loweredAt >= quietMicros;
    if ((watched >= firstMomentsMicros && quiet) || watched >= longestFirstMomentsMicros) this.settle();
  }
}
