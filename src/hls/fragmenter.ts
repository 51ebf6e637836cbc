import type { TimedFrame } from '../timeline/timed-frame.ts';
import { rescale, ticks, timescale90k } from '../units/ticks.ts';
import type { FragmentSpan } from './segmenter.ts';

/** The most that a fragment lasts, and hence that frames are held before they go to the file; less the frame that may end it late. */
const longestFragmentSeconds = 0.5;
/** A video track that brings nothing for so long lets the others go on without it. */
const silentVideoSeconds = 2;

/** Frames that are written and addressed together. */
export interface Fragment extends FragmentSpan {
  /** By track index; empty for tracks without a frame in it. */
  readonly tracks: readonly (readonly TimedFrame[])[];
}

export interface FragmenterOptions {
  /** By track index. */
  readonly timescales: readonly number[];
  /** Index of the video track; absent for streams of audio only, where any frame may start a segment. */
  readonly video: number | undefined;
  /** Whether an audio frame at this 90 kHz UTC, with no video to say so, should start a segment. */
  readonly isBorder: (start: number) => boolean;
  /** A fragment begins there: what is behind it is complete, long before the fragment itself is. */
  readonly begins: (start: number, startsSegment: boolean) => void;
  readonly deliver: (fragment: Fragment) => void;
}

/** Groups frames into fragments of at most half a second, broken at keyframes and, without video, at segment borders. */
export class Fragmenter {
  readonly #options: FragmenterOptions;
  #tracks: TimedFrame[][] = [];
  #startSeconds: number | undefined;
  #lastVideoSeconds = Number.NEGATIVE_INFINITY;

  constructor(options: FragmenterOptions) {
    this.#options = options;
    this.#clear();
  }

  /** Delivers the fragment that this frame ends, if it ends one. To be called before it is `push`ed. */
  endBefore(frame: TimedFrame): void {
    const seconds = frame.dts / this.#timescale(frame.track);
    if (this.#startSeconds !== undefined && this.#breaksBefore(frame, seconds)) this.flush();
  }

  /** In one order of all tracks, by decode time. */
  push(frame: TimedFrame): void {
    const seconds = frame.dts / this.#timescale(frame.track);
    if (frame.track === this.#options.video) this.#lastVideoSeconds = seconds;
    if (this.#startSeconds === undefined) this.#begin(frame, seconds);
    this.#tracks[frame.track]?.push(frame);
  }

  /** Delivers what there is. */
  flush(): void {
    if (this.#startSeconds === undefined) return;
    const fragment = this.#finish(this.#startSeconds);
    this.#clear();
    this.#options.deliver(fragment);
  }

  #begin(frame: TimedFrame, seconds: number): void {
    this.#startSeconds = seconds;
    const isVideo = frame.track === this.#options.video;
    const starts = isVideo ? frame.keyframe : !this.#waitsForVideo(seconds);
    this.#options.begins(to90k(frame.pts, this.#timescale(frame.track)), starts);
  }

  #breaksBefore(frame: TimedFrame, seconds: number): boolean {
    const { video, isBorder } = this.#options;
    if (frame.track === video && frame.keyframe) return true;
    const end = seconds + frame.duration / this.#timescale(frame.track);
    if (end - (this.#startSeconds ?? seconds) > longestFragmentSeconds) return true;
    // Inside a fragment, times are sums of durations: a frame that doesn't lie there starts another.
    const last = this.#tracks[frame.track]?.at(-1);
    if (last !== undefined && last.dts + last.duration !== frame.dts) return true;
    return !this.#waitsForVideo(seconds) && isBorder(to90k(frame.pts, this.#timescale(frame.track)));
  }

  #waitsForVideo(seconds: number): boolean {
    return this.#options.video !== undefined && seconds - this.#lastVideoSeconds <= silentVideoSeconds;
  }

  #finish(startSeconds: number): Fragment {
    const video = this.#tracks[this.#options.video ?? -1] ?? [];
    const leading = video.length > 0 ? video : (this.#tracks.find((frames) => frames.length > 0) ?? []);
    const startsSegment = video[0] !== undefined ? video[0].keyframe : !this.#waitsForVideo(startSeconds);
    const timescale = this.#timescale(leading[0]?.track ?? 0);
    return {
      start: to90k(leading[0]?.pts ?? 0, timescale),
      end: to90k(lastShown(leading), timescale),
      startsSegment,
      tracks: this.#tracks,
    };
  }

  #timescale(track: number): number {
    return this.#options.timescales[track] ?? timescale90k;
  }

  #clear(): void {
    this.#startSeconds = undefined;
    this.#tracks = this.#options.timescales.map(() => []);
  }
}

/** Where the last of them in presentation order ends. */
function lastShown(frames: readonly TimedFrame[]): number {
  let end = Number.NEGATIVE_INFINITY;
  for (const { pts, duration } of frames) end = Math.max(end, pts + duration);
  return end;
}

function to90k(value: number, timescale: number): number {
  return rescale(ticks(value), timescale, timescale90k);
}
