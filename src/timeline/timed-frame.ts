import type { Ticks } from '../units/ticks.ts';

/** A frame that may be kept: its memory stays as it is until everybody who holds it has let go of it. */
export interface KeptFrame {
  /** Index into the capture's tracks. */
  readonly track: number;
  /** In the track's timescale, on the source's clock. */
  readonly dts: Ticks;
  readonly pts: Ticks;
  /** As `Frame` has it. */
  readonly keyframe: boolean;
  /** The bytes as a file has them (`media/mp4/sample-layout.ts`). */
  readonly sample: Uint8Array;
  readonly memory: HeldMemory;
}

/** Memory that is used again. Who gets a frame has one hold on it; who lets go of it must not look at it again. */
export interface HeldMemory {
  hold(): void;
  release(): void;
}

/** A frame on the group's timeline: the times are UTC. */
export interface TimedFrame extends KeptFrame {
  /** UTC in the track's timescale, strictly increasing within a track. */
  readonly dts: Ticks;
  /** Never before `dts`. */
  readonly pts: Ticks;
  /** Up to the next frame of the track, in its timescale; the usual one where the next is not known. */
  readonly duration: Ticks;
}
