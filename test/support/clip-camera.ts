import { readFileSync } from 'node:fs';
import type { RunInput } from '../../src/capture/source/input.ts';
import type { Frame } from '../../src/media/frame.ts';
import type { Track } from '../../src/media/track.ts';
import { AppError } from '../../src/units/app-error.ts';
import type { Clock } from '../../src/units/clock.ts';
import { after, type Instant, millis } from '../../src/units/time.ts';
import { demux } from './captures.ts';

export interface Clip {
  readonly tracks: readonly Track[];
  /** In the order of the file. */
  readonly frames: readonly Frame[];
}

/** A clip of the demo: 40 s, 25 frames a second with their numbers in the picture, a keyframe every 2 s, AAC. */
export function demoClip(name: string): Clip {
  const sink = demux(new Uint8Array(readFileSync(new URL(`../../demo/clip/${name}.ts`, import.meta.url))));
  return { tracks: sink.announced.at(-1)?.tracks ?? [], frames: sink.frames };
}

/** What may be wrong with a connection to the camera. */
export interface ClipBehaviour {
  /** How long frames are under way. */
  readonly latencyMs?: number;
  /** Sends what it has from the last keyframe on, at once. */
  readonly burst?: boolean;
}

/** Plays a clip in real time by a clock, once, to any number of connections, as a live source does: who connects late has missed the beginning. */
export class ClipCamera {
  readonly #clock: Clock;
  readonly #clip: Clip;
  readonly #start: Instant;
  /** Seconds of each frame since the beginning of the clip. */
  readonly #times: readonly number[];
  #cut = new AbortController();
  #fault: AppError | undefined;
  connections = 0;

  constructor(clock: Clock, clip: Clip) {
    this.#clock = clock;
    this.#clip = clip;
    this.#start = clock.monotonic();
    const seconds = clip.frames.map(({ track, dts }) => dts / (clip.tracks[track]?.timescale ?? 1));
    this.#times = seconds.map((time) => time - Math.min(...seconds));
  }

  /** Ends all connections; later ones fail until `mend`. */
  break(error: AppError): void {
    this.#fault = error;
    this.#cut.abort(error);
  }

  mend(): void {
    this.#fault = undefined;
    this.#cut = new AbortController();
  }

  input(behaviour: ClipBehaviour = {}): RunInput {
    return async ({ sink, signal }) => {
      if (this.#fault !== undefined) throw this.#fault;
      this.connections += 1;
      const ended = AbortSignal.any([signal, this.#cut.signal]);
      sink.tracks(this.#clip.tracks, []);
      try {
        for (let i = this.#first(behaviour); i < this.#clip.frames.length; i++) {
          const due = after(this.#start, millis((this.#times[i] ?? 0) * 1_000 + (behaviour.latencyMs ?? 0)));
          const wait = this.#until(due, ended);
          if (wait !== undefined) await wait;
          const frame = this.#clip.frames[i];
          if (frame !== undefined) sink.frame(frame);
        }
        throw new AppError('source-closed', 'the clip is over');
      } catch (error) {
        if (!signal.aborted) throw this.#fault ?? error;
      } finally {
        this.connections -= 1;
      }
    };
  }

  /** Undefined, which costs no turn, when that has passed: a burst comes at once. */
  #until(due: Instant, signal: AbortSignal): Promise<void> | undefined {
    signal.throwIfAborted();
    if (due <= this.#clock.monotonic()) return undefined;
    return new Promise((resolve, reject) => {
      const aborted = (): void => {
        cancel();
        reject(signal.reason);
      };
      const cancel = this.#clock.setTimer(due, () => {
        signal.removeEventListener('abort', aborted);
        resolve();
      });
      signal.addEventListener('abort', aborted, { once: true });
    });
  }

  #first({ burst = false }: ClipBehaviour): number {
    const now = (this.#clock.monotonic() - this.#start) / 1_000;
    const later = this.#times.findIndex((time) => time >= now);
    const next = later < 0 ? this.#times.length : later;
    if (!burst) return next;
    const isStart = (frame: Frame): boolean => frame.keyframe && this.#clip.tracks[frame.track]?.kind === 'video';
    return Math.max(0, this.#clip.frames.slice(0, next + 1).findLastIndex(isStart));
  }
}
