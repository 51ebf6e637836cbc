import { timescale90k } from '../units/ticks.ts';

/**
 * Which number a segment has and where it ends (docs/decisions/008). With D the configured duration, numbers are counted from 1970: a capture's first
 * is floor((UTC + D/4) / D), unless it knows the last one; segment n ends at the first keyframe at or past (n+1)·D - D/4. All times are 90 kHz UTC.
 */
export class SegmentGrid {
  /** Configured, in ticks. */
  readonly duration: number;
  readonly #tolerance: number;

  constructor(durationMs: number) {
    this.duration = Math.round((durationMs * timescale90k) / 1_000);
    this.#tolerance = this.duration / 4;
  }

  /** The number of a segment that starts a timeline at this time. */
  numberAt(start: number): number {
    return Math.floor((start + this.#tolerance) / this.duration);
  }

  /**
   * The time at or past which a keyframe ends the segment; a function of what travels between servers, so that all cut alike.
   * A number that is behind time by one catches up. One that is ahead of it by one stays so, but time has reached it at the segment's end.
   * One that has come apart from time (sources with long GOPs make fewer segments than there are numbers; there were holes; another
   * `segment_duration` was in force) no longer says where the border is: then the start does. Not by the grid, whose borders may lie where
   * keyframes jitter around them, which would make segments of two groups of pictures.
   */
  endOf(number: number, start: number): number {
    const lag = this.numberAt(start) - number;
    const isInTime = lag === 0 || lag === 1;
    const border = isInTime ? (number + 1) * this.duration : start + this.duration;
    return (lag === -1 ? Math.max(border, number * this.duration) : border) - this.#tolerance;
  }
}
