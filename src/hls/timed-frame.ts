import type { Ticks } from '../units/ticks.ts';

/** A frame on the group's timeline. Same shape as `Frame`, so that every muxer takes it; the times are UTC. */
export interface TimedFrame {
  /** Index into the capture's tracks. */
  readonly track: number;
  /** UTC in the track's timescale, strictly increasing within a track. */
  readonly dts: Ticks;
  /** Never before `dts`. */
  readonly pts: Ticks;
  /** Up to the next frame of the track, in its timescale; the usual one where the next is not known. */
  readonly duration: Ticks;
  readonly keyframe: boolean;
  readonly units: readonly Uint8Array[];
}
