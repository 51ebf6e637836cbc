import type { Frame } from '../../media/frame.ts';
import { putSample, sampleLength, sampleUnits } from '../../media/mp4/sample-layout.ts';
import type { Track } from '../../media/track.ts';
import type { KeptFrame } from '../../timeline/timed-frame.ts';
import type { Slab, SlabPool } from './slab.ts';

/** Copies the frames of a track out of the demuxer's memory, which is used again: once, and in the form that files have. */
export class FrameKeeper {
  readonly #pool: SlabPool;
  #track: Track;
  #slab: Slab | undefined;

  constructor(pool: SlabPool, track: Track) {
    this.#pool = pool;
    this.#track = track;
  }

  /** The parameters of the frames that come next. */
  use(track: Track): void {
    this.#track = track;
  }

  /** `track`: its index for what follows. The caller has a hold on the frame's memory. */
  keep(frame: Frame, track: number): KeptFrame {
    const units = sampleUnits(frame, this.#track);
    const length = sampleLength(units, this.#track);
    const slab = this.#withRoom(length);
    const start = slab.reserve(length);
    putSample(units, this.#track, slab.bytes, start);
    slab.hold();
    const { dts, pts, keyframe } = frame;
    return { track, dts, pts, keyframe, sample: slab.bytes.subarray(start, start + length), memory: slab };
  }

  close(): void {
    this.#slab?.release();
    this.#slab = undefined;
  }

  #withRoom(length: number): Slab {
    if (this.#slab !== undefined && this.#slab.room >= length) return this.#slab;
    this.#slab?.release();
    this.#slab = this.#pool.take(length);
    return this.#slab;
  }
}
