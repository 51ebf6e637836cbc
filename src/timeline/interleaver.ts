import { type Ticks, ticks } from '../units/ticks.ts';
import type { TimedFrame } from './timed-frame.ts';

/** A frame placed in time, whose duration becomes known here: thousands a second pass, and one object has to do for each. */
export interface PlacedFrame extends TimedFrame {
  duration: Ticks;
}

/** A track that lags behind another by more than this is not waited for: the stream's delay must not grow by a lazy multiplexer. */
const longestWaitSeconds = 1;
/** A track that has been silent for this long (no audio in the source any more) delays nothing. */
const silentSeconds = 2;
/** A step this long, and this many times the usual one, is lost video and no long frame. */
const lossSeconds = 2;
const lossFrames = 4;

interface Lane {
  readonly timescale: number;
  readonly waiting: PlacedFrame[];
  /** Decode time of the newest frame, in seconds; minus infinity before the first. */
  newest: number;
  duration: number;
}

/**
 * Brings the frames of all tracks into one order, by decode time, and gives each its duration, for which it waits for the next of its track.
 * So what falls into a segment is a matter of time, not of how the source multiplexes: two servers cut the same stream alike.
 */
export class Interleaver {
  readonly #lanes: readonly Lane[];
  readonly #deliver: (frame: TimedFrame) => void;
  #newest = Number.NEGATIVE_INFINITY;
  /** Seconds of the first frame; before it no track could be heard. */
  #first = Number.POSITIVE_INFINITY;

  /** `timescales`: of each track, by index. */
  constructor(timescales: readonly number[], deliver: (frame: TimedFrame) => void) {
    this.#lanes = timescales.map((timescale) => ({
      timescale,
      waiting: [],
      newest: Number.NEGATIVE_INFINITY,
      // Until a second frame tells: 1,024 samples for audio rates, 25 frames a second for the rest.
      duration: timescale === 90_000 ? 3_600 : 1_024,
    }));
    this.#deliver = deliver;
  }

  push(placed: PlacedFrame): void {
    const lane = this.#lanes[placed.track];
    if (lane === undefined) return;
    lane.waiting.push(placed);
    lane.newest = placed.dts / lane.timescale;
    this.#newest = Math.max(this.#newest, lane.newest);
    this.#first = Math.min(this.#first, lane.newest);
    for (let next = this.#earliest(); next !== undefined && this.#mayGo(next); next = this.#earliest()) this.#go(next);
  }

  /** The input has ended, or what follows has no part in this timeline: waits for nothing more. */
  flush(): void {
    for (let next = this.#earliest(); next !== undefined; next = this.#earliest()) this.#go(next);
  }

  #earliest(): Lane | undefined {
    let earliest: Lane | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const lane of this.#lanes) {
      const head = lane.waiting[0];
      if (head === undefined || head.dts / lane.timescale >= least) continue;
      earliest = lane;
      least = head.dts / lane.timescale;
    }
    return earliest;
  }

  #mayGo(lane: Lane): boolean {
    const head = lane.waiting[0];
    if (head === undefined) return false;
    if (this.#newest - head.dts / lane.timescale >= longestWaitSeconds) return true;
    if (lane.waiting.length < 2) return false;
    return this.#lanes.every((other) => other.waiting.length > 0 || this.#isSilent(other));
  }

  #isSilent(lane: Lane): boolean {
    return this.#newest - Math.max(lane.newest, this.#first) > silentSeconds;
  }

  #go(lane: Lane): void {
    const head = lane.waiting.shift();
    if (head === undefined) return;
    head.duration = ticks(this.#duration(lane, head));
    this.#deliver(head);
  }

  #duration(lane: Lane, head: PlacedFrame): number {
    const usual = lane.duration;
    const next = lane.waiting[0];
    if (next === undefined) return usual;
    lane.duration = next.dts - head.dts;
    const isLoss = lane.duration > lossSeconds * lane.timescale && lane.duration > lossFrames * usual;
    return isLoss ? usual : lane.duration;
  }
}
