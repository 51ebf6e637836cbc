import type { Frame } from '../media/frame.ts';
import type { Ticks } from '../units/ticks.ts';

/** A frame that may be kept: its memory stays as it is until everybody who holds it has let go of it. */
export interface KeptFrame extends Frame {
  /** As a file has it; the units are views of it. */
  readonly sample: Uint8Array;
  readonly memory: HeldMemory;
}

/** Memory that is used again. Who gets a frame has one hold on it; who lets go of it must not look at it again. */
export interface HeldMemory {
  hold(): void;
  release(): void;
}

/** A frame on the group's timeline. Same shape as `Frame`, so that every muxer takes it; the times are UTC. */
export interface TimedFrame extends KeptFrame {
  /** Index into the capture's tracks. */
  readonly track: number;
  /** UTC in the track's timescale, strictly increasing within a track. */
  readonly dts: Ticks;
  /** Never before `dts`. */
  readonly pts: Ticks;
  /** Up to the next frame of the track, in its timescale; the usual one where the next is not known. */
  readonly duration: Ticks;
}
