import type { Frame } from '../media/frame.ts';
import { unitsOf } from '../media/mp4/sample-layout.ts';
import { ContinuityRewriter } from '../media/mpegts/continuity.ts';
import { TsMuxer } from '../media/mpegts/muxer.ts';
import type { Track } from '../media/track.ts';
import type { HeldMemory, TimedFrame } from '../timeline/timed-frame.ts';
import { rescale, ticks, timescale90k } from '../units/ticks.ts';

/** Frames travel to the main thread in groups of this much time: few messages, and no delay that a viewer would notice. */
const groupSeconds = 0.1;

/** A group of pictures of 10 s at 60 frames a second, with its audio; a longer one is not waited with. */
const mostWaiting = 1_200;

/** One message to the main thread. */
export interface MpegtsPiece {
  readonly keyframe: boolean;
  /** In memory of its own, to be transferred. */
  readonly data: Uint8Array;
}

/**
 * Muxes a capture as endless MPEG-TS, while somebody watches it so. Starts with a keyframe: with the next one, or with the newest
 * if viewers were expected.
 */
export class MpegtsOutput {
  readonly #deliver: (piece: MpegtsPiece) => void;
  readonly #continuity = new ContinuityRewriter();
  #wanted = false;
  #expected = false;
  #tracks: readonly Track[] | undefined;
  #muxer: TsMuxer | undefined;
  /** To be written together, and what they lie in. */
  readonly #frames: Frame[] = [];
  readonly #memories: HeldMemory[] = [];
  #groupStart = 0;
  /** Frames since the newest entry, while there is nobody to see them yet or their place on the group's timeline is not known. */
  readonly #waiting: { readonly frame: TimedFrame; readonly tracks: readonly Track[] }[] = [];

  constructor(deliver: (piece: MpegtsPiece) => void) {
    this.#deliver = deliver;
  }

  want(wanted: boolean): void {
    this.#wanted = wanted;
    if (wanted) return;
    this.#muxer = undefined;
    this.#release();
    this.#stopWaiting();
  }

  /** Whether viewers may come over who have seen a part of the group of pictures from somebody else: then they get its beginning, too. */
  expect(expected: boolean): void {
    this.#expected = expected;
    if (!expected && !this.#wanted) this.#stopWaiting();
  }

  /** A frame of a capture that has yet to adopt its predecessor's timeline: goes out with the first `push`. */
  wait(frame: TimedFrame, tracks: readonly Track[]): void {
    if (this.#wanted || this.#expected) this.#keep(frame, tracks);
  }

  /** `shift`: 90 kHz, onto the group's timeline. */
  push(frame: TimedFrame, tracks: readonly Track[], shift: number): void {
    if (!this.#wanted) {
      this.wait(frame, tracks);
      return;
    }
    for (const waiting of this.#waiting) this.#take(waiting.frame, waiting.tracks, shift);
    this.#stopWaiting();
    this.#take(frame, tracks, shift);
  }

  /** What comes next is far from what came before in time. */
  flush(): void {
    this.#flush();
    this.#stopWaiting();
  }

  #keep(frame: TimedFrame, tracks: readonly Track[]): void {
    const entry = isEntry(frame, tracks);
    if (entry || this.#waiting.length >= mostWaiting) this.#stopWaiting();
    if (!entry && this.#waiting.length === 0) return;
    frame.memory.hold();
    this.#waiting.push({ frame, tracks });
  }

  #take(frame: TimedFrame, tracks: readonly Track[], shift: number): void {
    const track = tracks[frame.track];
    if (track === undefined) return;
    if (this.#muxer === undefined || tracks !== this.#tracks) {
      if (!isEntry(frame, tracks)) return;
      this.#flush();
      this.#muxer = new TsMuxer(tracks);
      this.#tracks = tracks;
    }
    const seconds = frame.dts / track.timescale;
    if (this.#frames.length > 0 && (isEntry(frame, tracks) || seconds - this.#groupStart >= groupSeconds))
      this.#flush();
    if (this.#frames.length === 0) this.#groupStart = seconds;
    frame.memory.hold();
    this.#memories.push(frame.memory);
    this.#frames.push(muxable(frame, track, rescale(ticks(shift), timescale90k, track.timescale)));
  }

  #flush(): void {
    const [first] = this.#frames;
    if (first === undefined || this.#muxer === undefined || this.#tracks === undefined) return;
    const data = this.#continuity.rewrite(this.#muxer.write(this.#frames));
    const keyframe = isEntry(first, this.#tracks);
    this.#release();
    this.#deliver({ keyframe, data });
  }

  #stopWaiting(): void {
    for (const { frame } of this.#waiting.splice(0)) frame.memory.release();
  }

  #release(): void {
    this.#frames.length = 0;
    for (const memory of this.#memories.splice(0)) memory.release();
  }
}

/** Whether a decoder may start with it: a keyframe of the video, or any frame where there is no video. */
function isEntry(frame: Pick<Frame, 'track' | 'keyframe'>, tracks: readonly Track[]): boolean {
  if (tracks[frame.track]?.kind === 'video') return frame.keyframe;
  return tracks.every(({ kind }) => kind !== 'video');
}

/** `shift`: in the track's timescale. */
function muxable({ track: index, dts, pts, keyframe, sample }: TimedFrame, track: Track, shift: number): Frame {
  return { track: index, dts: ticks(dts + shift), pts: ticks(pts + shift), keyframe, units: unitsOf(sample, track) };
}
