import { type Ticks, ticks } from '../units/ticks.ts';
import type { KeptFrame } from './timed-frame.ts';

/** A step of this size without a reason in the arrival is a jump of the source's clock; less is taken as it is. */
const largestStepSeconds = 1;
/** In the first moments a burst of the past brings even the frames of a slow camera all at once. */
const longestBurstStepSeconds = 10;
/** Frames that go back by less than this are squeezed behind the last one: disorder, not another clock. */
const disorderSeconds = 0.5;
/** Tracks of one clock lie this close to each other; farther apart they have clocks of their own. */
const sameClockSeconds = 10;
/** No codec reorders pictures for longer. */
const longestReorderSeconds = 10;
/** Until a track has shown its own: 25 frames a second. */
const usualFrameSeconds = 0.04;
/** The tracks of an input jump one after the other; the clocks before the last few jumps are forgotten. */
const rememberedShifts = 4;

interface TrackClock {
  readonly timescale: number;
  /** Ticks to add to what the source says. */
  shift: number;
  last: number;
  step: number;
  /** The shift that the last frame would mean if its timestamp were right; a second frame confirms it. */
  rumour: number | undefined;
}

/** What counts of a frame. */
type Stamped = Pick<KeptFrame, 'track' | 'dts' | 'pts'>;

/** Where a frame lies on the source's clock once jumps are taken out. `bad`: the source's timestamp was not used. */
export interface SourceTime {
  readonly dts: Ticks;
  readonly pts: Ticks;
  readonly bad: boolean;
}

/**
 * Makes one steady clock of what sources send: decode times that strictly increase in each track, over backwards and forward
 * jumps, single wrong timestamps, and restarts of the source's clock. A bad timestamp costs its own frame's time, nothing else.
 */
export class SourceClock {
  readonly #tracks = new Map<number, TrackClock>();
  /** In seconds, newest first: a jump that one track has shown is expected of the others. */
  readonly #shifts: number[] = [0];
  #lastSeconds: number | undefined;

  /** `latestSeconds`: no frame that arrives now can be later than this on the steady clock; absent while that isn't known. */
  place(frame: Stamped, timescale: number, latestSeconds: number | undefined): SourceTime {
    let clock = this.#tracks.get(frame.track);
    if (clock === undefined) {
      clock = this.#begin(frame.dts, timescale);
      this.#tracks.set(frame.track, clock);
    }
    const latest = latestSeconds ?? (this.#lastSeconds ?? clock.last / timescale) + longestBurstStepSeconds;
    const shift = this.#fitting(clock, frame.dts, latest);
    const dts = shift === undefined ? this.#guess(clock, frame.dts) : this.#accept(clock, shift, frame.dts);
    const squeezed = shift === undefined ? 0 : dts - (frame.dts + shift);
    this.#lastSeconds = dts / timescale;
    return { dts: ticks(dts), pts: ticks(dts + reorder(frame, squeezed, timescale)), bad: shift === undefined };
  }

  #begin(dts: number, timescale: number): TrackClock {
    const known = (this.#shifts[0] ?? 0) * timescale;
    const seconds = (dts + known) / timescale;
    const other = this.#lastSeconds;
    const apart = other !== undefined && Math.abs(seconds - other) > sameClockSeconds;
    const shift = Math.round(apart ? other * timescale - dts : known);
    const step = Math.max(1, Math.round(usualFrameSeconds * timescale));
    return { timescale, shift, last: dts + shift - step, step, rumour: undefined };
  }

  /** The shift under which this timestamp follows the track's last one. */
  #fitting(clock: TrackClock, dts: number, latestSeconds: number): number | undefined {
    const { timescale, last, rumour } = clock;
    const fits = (shift: number): boolean => {
      const moved = dts + shift;
      const step = moved - last;
      if (step < -disorderSeconds * timescale) return false;
      return step <= largestStepSeconds * timescale || moved <= latestSeconds * timescale;
    };
    if (fits(clock.shift)) return clock.shift;
    for (const seconds of [...this.#shifts, ...this.#othersRumours(clock)]) {
      const shift = Math.round(seconds * timescale);
      if (shift !== clock.shift && fits(shift)) return shift;
    }
    if (rumour !== undefined && fits(rumour)) return rumour;
    return undefined;
  }

  /** In seconds: two tracks that jump to the same clock confirm each other, and stay in step. */
  #othersRumours(clock: TrackClock): number[] {
    return [...this.#tracks.values()].flatMap((other) =>
      other === clock || other.rumour === undefined ? [] : [other.rumour / other.timescale],
    );
  }

  #accept(clock: TrackClock, shift: number, dts: number): number {
    if (shift !== clock.shift) this.#remember(shift / clock.timescale);
    clock.shift = shift;
    clock.rumour = undefined;
    const moved = dts + shift;
    const step = moved - clock.last;
    if (step > 0 && step < largestStepSeconds * clock.timescale) clock.step = step;
    clock.last = Math.max(clock.last + 1, moved);
    return clock.last;
  }

  #guess(clock: TrackClock, dts: number): number {
    clock.last += clock.step;
    clock.rumour = clock.last - dts;
    return clock.last;
  }

  #remember(seconds: number): void {
    if (this.#shifts.some((known) => Math.abs(known - seconds) < disorderSeconds)) return;
    this.#shifts.unshift(seconds);
    this.#shifts.length = Math.min(this.#shifts.length, rememberedShifts);
  }
}

/** Presentation after decoding; `squeezed` is how far the decode time was pushed, which the presentation doesn't follow. */
function reorder(frame: Stamped, squeezed: number, timescale: number): number {
  const reordered = frame.pts - frame.dts;
  if (reordered < 0 || reordered > longestReorderSeconds * timescale) return 0;
  return Math.max(0, reordered - squeezed);
}
