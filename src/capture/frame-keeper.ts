import type { Frame } from '../media/frame.ts';

/** A quarter second of a 4 Mbit/s stream: few allocations, and little kept alive by the last frame in it. */
const slabBytes = 128 * 1024;
/** In front of each unit there is room for its length, so that a sample of fragmented MP4 lies in one piece. */
export const lengthRoom = 4;

/** Copies frames out of the demuxers' memory, which they use again: once, into slabs, one after the other. */
export class FrameKeeper {
  #slab = new Uint8Array(0);
  #used = 0;

  /** The same frame in memory that stays as it is. */
  keep(frame: Frame, track: number): Frame {
    const { units } = frame;
    let size = 0;
    for (const unit of units) size += unit.length + lengthRoom;
    if (size > this.#slab.length - this.#used) this.#renew(size);
    const kept = units.map((unit) => this.#copy(unit));
    return { track, dts: frame.dts, pts: frame.pts, keyframe: frame.keyframe, units: kept };
  }

  #copy(unit: Uint8Array): Uint8Array {
    const from = this.#used + lengthRoom;
    this.#slab.set(unit, from);
    this.#used = from + unit.length;
    return this.#slab.subarray(from, this.#used);
  }

  #renew(least: number): void {
    this.#slab = new Uint8Array(Math.max(slabBytes, least));
    this.#used = 0;
  }
}
