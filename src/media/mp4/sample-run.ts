// ISO/IEC 14496-12 clause 8.8.8: the samples of one track in one fragment.
import type { Ticks } from '../../units/ticks.ts';
import { aacFrameSamples } from '../codec/aac.ts';
import type { Frame } from '../frame.ts';
import type { Track } from '../track.ts';
import { putSample, sampleLength, sampleUnits } from './sample-layout.ts';

/** Room for a fragment that turns out a little larger than the last one. */
const headroom = 1.25;
const smallestBuffer = 4096;
/** Of a track whose rate nothing tells. */
const usualFrameRate = 25;
const largestU32 = 0xffffffff;

export interface Sample {
  readonly dts: Ticks;
  readonly pts: Ticks;
  readonly keyframe: boolean;
  readonly bytes: number;
}

/** A sample as `trun` has it. */
export interface TimedSample extends Sample {
  /** In the track's timescale. */
  readonly duration: number;
  /** Presentation after decoding; negative where presentation comes first. */
  readonly compositionOffset: number;
}

/** Collects copies of a track's samples in the form that a file has them, one behind the other in one buffer. */
export class SampleRun {
  readonly track: Track;
  #buffer: Uint8Array | undefined;
  #length = 0;
  #samples: Sample[] = [];
  #expectedBytes = smallestBuffer;
  #lastDuration: number;

  constructor(track: Track) {
    this.track = track;
    this.#lastDuration =
      track.kind === 'audio' ? aacFrameSamples : Math.round(track.timescale / (track.frameRate ?? usualFrameRate));
  }

  get isEmpty(): boolean {
    return this.#samples.length === 0;
  }

  get byteLength(): number {
    return this.#length;
  }

  add(frame: Frame): void {
    const units = sampleUnits(frame, this.track);
    const bytes = sampleLength(units, this.track);
    const start = this.#reserve(bytes);
    if (this.#buffer !== undefined) putSample(units, this.track, this.#buffer, start);
    const { dts, pts, keyframe } = frame;
    this.#samples.push({ dts, pts, keyframe, bytes });
  }

  /** The samples and their bytes, which are the caller's from now on; the run is empty again. `end`: the next sample's decode time, if known. */
  take(end: Ticks | undefined): { readonly samples: readonly TimedSample[]; readonly bytes: Uint8Array } {
    const samples = this.#timed(end);
    const bytes = (this.#buffer ?? new Uint8Array(0)).subarray(0, this.#length);
    this.#expectedBytes = Math.max(smallestBuffer, Math.ceil(this.#length * headroom));
    this.#buffer = undefined;
    this.#length = 0;
    this.#samples = [];
    return { samples, bytes };
  }

  /** Where decode times don't increase, durations of 0 let the presentation stay right. */
  #timed(end: Ticks | undefined): TimedSample[] {
    let decodeTime = this.#samples[0]?.dts ?? 0;
    return this.#samples.map((sample, i) => {
      const next = this.#samples[i + 1]?.dts ?? end ?? decodeTime + this.#lastDuration;
      const duration = Math.min(largestU32, Math.max(0, next - decodeTime));
      const compositionOffset = sample.pts - decodeTime;
      decodeTime += duration;
      if (duration > 0) this.#lastDuration = duration;
      return { ...sample, duration, compositionOffset };
    });
  }

  #reserve(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#buffer === undefined) this.#buffer = new Uint8Array(Math.max(this.#expectedBytes, count));
    if (this.#length > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(this.#length, this.#buffer.length * 2));
      grown.set(this.#buffer.subarray(0, at));
      this.#buffer = grown;
    }
    return at;
  }
}
