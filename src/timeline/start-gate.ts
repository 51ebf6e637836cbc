import { rescale, ticks, timescale90k } from '../units/ticks.ts';
import type { TimedFrame } from './timed-frame.ts';

/** A source that sends no keyframe for so long has none (gradual refresh): decoders make a picture of it all the same. */
const longestWaitSeconds = 30;

export interface StartGateOptions {
  readonly timescales: readonly number[];
  readonly video: number | undefined;
  /** Whether a segment may start at this 90 kHz UTC. */
  readonly accepts: (start: number) => boolean;
}

/**
 * Lets a timeline begin, at the start of a capture and behind every hole: with a keyframe, without the pictures that refer
 * to before it (leading pictures of an open GOP) and without the audio before it.
 */
export class StartGate {
  readonly #options: StartGateOptions;
  #waitingSince: number | undefined;
  /** Presentation of the keyframe it opened with, in the video's ticks; pictures shown earlier refer to what is missing. */
  #leadingUntil: number | undefined;
  #open = false;

  constructor(options: StartGateOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** There is a hole here: wait for a keyframe again. */
  close(): void {
    this.#open = false;
    this.#waitingSince = undefined;
  }

  /** The frame, if it may go on; as a keyframe, where it has to stand for one. */
  pass(frame: TimedFrame): TimedFrame | undefined {
    const isVideo = frame.track === this.#options.video;
    if (!this.#open) return this.#opens(frame, isVideo) ? { ...frame, keyframe: true } : undefined;
    if (!isVideo || this.#leadingUntil === undefined) return frame;
    if (frame.pts < this.#leadingUntil) return undefined;
    // Leading pictures lie between the keyframe and the next picture shown after it.
    if (frame.pts > this.#leadingUntil) this.#leadingUntil = undefined;
    return frame;
  }

  #opens(frame: TimedFrame, isVideo: boolean): boolean {
    const timescale = this.#options.timescales[frame.track] ?? timescale90k;
    const seconds = frame.dts / timescale;
    this.#waitingSince ??= seconds;
    const weary = seconds - this.#waitingSince >= longestWaitSeconds;
    const starts = this.#options.video === undefined || (isVideo && (frame.keyframe || weary));
    if (!starts || !this.#options.accepts(rescale(ticks(frame.pts), timescale, timescale90k))) return false;
    this.#open = true;
    this.#leadingUntil = isVideo ? frame.pts : undefined;
    return true;
  }
}
