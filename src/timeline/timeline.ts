import { rescale, ticks } from '../units/ticks.ts';
import { type Instant, unixMicros } from '../units/time.ts';
import { Anchor } from './anchor.ts';
import { Interleaver } from './interleaver.ts';
import { SourceClock } from './source-clock.ts';
import { SourceRate } from './source-rate.ts';
import type { KeptFrame, TimedFrame } from './timed-frame.ts';

/** Frames held while the anchor is sought; a source that sends more past than this gets its anchor from what came. */
const mostHeldFrames = 2_000;
/** The most that one segment follows the group's clock: a player doesn't notice a millisecond. */
const slewMicros = 1_000;

export interface TimelineOptions {
  /** By track index. */
  readonly timescales: readonly number[];
  /** UTC of the group less the monotonic clock, microseconds. */
  readonly offset: number;
  /** Frames in one order of all tracks, by decode time. */
  readonly deliver: (frame: TimedFrame) => void;
  /** Index of the video track; absent for streams of audio only. */
  readonly video: number | undefined;
  /**
   * The source's time was not to be believed; what follows lies elsewhere in time: `back`, maybe before what was delivered, or `on`, farther
   * behind it than its frames tell, of which none is missing.
   */
  readonly stepped: (to: 'back' | 'on') => void;
  readonly badTimestamp: () => void;
}

interface Held {
  readonly frame: KeptFrame;
  readonly dts: number;
  readonly pts: number;
}

/** Puts the frames of one input into UTC: takes the source's jumps out, finds its anchor, follows its drift, orders its tracks. */
export class Timeline {
  readonly #options: TimelineOptions;
  readonly #clock = new SourceClock();
  readonly #rate = new SourceRate();
  readonly #interleaver: Interleaver;
  #anchor = new Anchor();
  #held: Held[] = [];
  #offset: number;
  #wantedOffset: number;
  /** The source has fallen so far behind that its time is taken anew with the next keyframe. */
  #isLost = false;
  /** The anchor in each track's ticks. */
  #anchorTicks: number[] = [];
  /** Decode time of each track's newest frame, in its ticks. */
  #lastDts: number[] = [];

  constructor(options: TimelineOptions) {
    this.#options = options;
    this.#offset = options.offset;
    this.#wantedOffset = options.offset;
    this.#interleaver = new Interleaver(options.timescales, options.deliver);
  }

  frame(frame: KeptFrame, now: Instant): void {
    const timescale = this.#options.timescales[frame.track];
    if (timescale === undefined) return;
    const arrival = unixMicros(Math.round(now * 1_000 + this.#offset));
    const told = this.#clock.place(frame, timescale, this.#latestSeconds(arrival));
    if (told.bad) this.#options.badTimestamp();
    else this.#rate.observe(micros(told.dts, timescale), arrival);
    const { dts, pts } = this.#paced(told, timescale);
    const source = micros(dts, timescale);
    if (this.#anchor.isAhead(source, arrival)) this.#step('back');
    else if (this.#isLost && frame.keyframe && frame.track === (this.#options.video ?? frame.track)) this.#step('on');
    if (!told.bad) this.#anchor.observe(source, arrival);
    if (this.#anchor.micros === undefined || this.#held.length > 0) this.#hold({ frame, dts, pts });
    else this.#place(frame, dts, pts);
  }

  /** Once a segment: follows the drift of the source and of the group's clock by a millisecond at most. */
  slew(): void {
    const behind = this.#wantedOffset - this.#offset;
    this.#offset += Math.max(-slewMicros, Math.min(slewMicros, behind));
    this.#rate.follow(this.#anchor.behind ?? 0);
    if (this.#anchor.slew() === 'lost') this.#isLost = true;
    this.#settleTicks();
  }

  /** UTC of the group less the monotonic clock; followed by slewing. */
  followClock(offset: number): void {
    this.#wantedOffset = offset;
  }

  /** Delivers all that is held; nothing follows. */
  flush(): void {
    if (this.#held.length > 0) {
      this.#anchor.settle();
      this.#release();
    }
    this.#interleaver.flush();
  }

  #latestSeconds(arrival: number): number | undefined {
    const anchor = this.#anchor.micros;
    return anchor === undefined ? undefined : this.#rate.sourceOf(arrival - anchor) / 1e6 + 1;
  }

  /** Without the error of the source's rate. */
  #paced(told: { readonly dts: number; readonly pts: number }, timescale: number): { dts: number; pts: number } {
    if (this.#rate.isPlain) return told;
    const place = (at: number): number => Math.round((this.#rate.place(micros(at, timescale)) * timescale) / 1e6);
    return { dts: place(told.dts), pts: place(told.pts) };
  }

  #hold(held: Held): void {
    this.#held.push(held);
    if (this.#held.length >= mostHeldFrames) this.#anchor.settle();
    if (this.#anchor.micros !== undefined) this.#release();
  }

  #release(): void {
    this.#settleTicks();
    const held = this.#held;
    this.#held = [];
    for (const { frame, dts, pts } of held) this.#place(frame, dts, pts);
  }

  #place(frame: KeptFrame, dts: number, pts: number): void {
    const { track, keyframe, sample, memory } = frame;
    const shift = this.#anchorTicks[track] ?? 0;
    // A slew backwards may be larger than the step between two frames that were squeezed together.
    const placed = Math.max(dts + shift, (this.#lastDts[track] ?? Number.NEGATIVE_INFINITY) + 1);
    this.#lastDts[track] = placed;
    this.#interleaver.push({
      track,
      dts: ticks(placed),
      pts: ticks(Math.max(placed, pts + shift)),
      duration: ticks(0),
      keyframe,
      sample,
      memory,
    });
  }

  #step(to: 'back' | 'on'): void {
    this.#isLost = false;
    this.#interleaver.flush();
    this.#anchor = new Anchor();
    this.#rate.forget();
    this.#lastDts = [];
    this.#offset = this.#wantedOffset;
    this.#options.stepped(to);
  }

  #settleTicks(): void {
    const anchor = this.#anchor.micros;
    if (anchor === undefined) return;
    this.#anchorTicks = this.#options.timescales.map((timescale) => rescale(ticks(anchor), 1_000_000, timescale));
  }
}

function micros(value: number, timescale: number): number {
  const seconds = Math.floor(value / timescale);
  return seconds * 1e6 + ((value - seconds * timescale) * 1e6) / timescale;
}
