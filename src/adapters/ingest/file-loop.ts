import type { Frame } from '../../media/frame.ts';
import type { Track } from '../../media/track.ts';
import { rescale, type Ticks, ticks, timescale90k } from '../../units/ticks.ts';
import { type Instant, instant } from '../../units/time.ts';

/** Where a looped recording stands: when each of its frames is due, and timestamps that go on over the loop. Pure. */
export class FileLoop {
  readonly #start: Instant;
  #tracks: readonly Track[] = [];
  /** What the loops before lasted, in 90 kHz ticks. */
  #played = 0;
  /** Of the loop that runs, in 90 kHz. */
  #first: number | undefined;
  /** By track. */
  #spans: { from: number; last: number; step: number }[] = [];

  constructor(start: Instant) {
    this.#start = start;
  }

  tracks(tracks: readonly Track[]): void {
    this.#tracks = tracks;
  }

  /** The frame as the source of a stream without end would send it, and when. */
  place(frame: Frame): { readonly frame: Frame; readonly due: Instant } {
    const timescale = this.#tracks[frame.track]?.timescale ?? timescale90k;
    const at = rescale(frame.dts, timescale, timescale90k);
    this.#first ??= at;
    this.#measure(frame.track, at);
    const shift = rescale(ticks(this.#played), timescale90k, timescale);
    const placed = { ...frame, dts: (frame.dts + shift) as Ticks, pts: (frame.pts + shift) as Ticks };
    return { frame: placed, due: instant(this.#start + (this.#played + at - this.#first) / 90) };
  }

  /** The recording is over: what comes next continues it. The first track says how long it was, or the tracks would drift apart. */
  rewind(): void {
    const spans = this.#tracks.map((track, index) => ({ track, span: this.#spans[index] }));
    const video = spans.find(({ track, span }) => track.kind === 'video' && span !== undefined);
    const { span } = video ?? spans.find(({ span }) => span !== undefined) ?? {};
    if (span !== undefined) this.#played += span.last + span.step - span.from;
    this.#first = undefined;
    this.#spans = [];
  }

  #measure(track: number, at: number): void {
    const span = this.#spans[track];
    if (span === undefined) this.#spans[track] = { from: at, last: at, step: 0 };
    else this.#spans[track] = { from: span.from, last: at, step: at - span.last };
  }
}
