import type { SourceConfig } from '../config/config.ts';
import type { MediaSink } from '../media/track.ts';
import { AppError } from '../units/app-error.ts';
import type { Clock } from '../units/clock.ts';
import { after, between, type Instant, type Millis, millis } from '../units/time.ts';
import { Backoff, soundAfter } from './backoff.ts';
import { guarded } from './guarded-sink.ts';
import type { RunInput } from './input.ts';

/** With several sources each gets its share of `source_timeout`, so that all are tried before the capture is given up; never less than this. */
const leastPatience = millis(2_000);

export interface SourceLoopOptions {
  readonly sources: readonly SourceConfig[];
  readonly sourceTimeout: Millis;
  readonly runInput: RunInput;
  readonly clock: Clock;
  readonly random: () => number;
  /** A connection to this source begins; returns where its frames go. */
  readonly open: (source: number) => MediaSink;
  /** It has ended and its connection is closed. */
  readonly ended: (source: number, error: AppError | undefined) => void;
}

interface Attempt {
  readonly abort: AbortController;
  firstFrame: Instant | undefined;
  lastFrame: Instant;
}

/** Reads the sources of a stream, in order, again and again, until aborted. One connection at a time. */
export class SourceLoop {
  readonly #options: SourceLoopOptions;
  readonly #backoff: Backoff;
  readonly #patience: Millis;

  constructor(options: SourceLoopOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.random);
    const share = options.sourceTimeout / Math.max(1, options.sources.length);
    this.#patience = millis(Math.min(options.sourceTimeout, Math.max(leastPatience, share)));
  }

  /** Resolves when aborted and the last connection is closed. */
  async run(signal: AbortSignal): Promise<void> {
    for (let index = 0; !signal.aborted; ) {
      const hadFrames = await this.#try(index, signal);
      const next = hadFrames ? 0 : (index + 1) % this.#options.sources.length;
      const roundIsOver = hadFrames || next === 0;
      index = next;
      if (!signal.aborted && roundIsOver) await this.#pause(signal);
    }
  }

  async #pause(signal: AbortSignal): Promise<void> {
    try {
      await this.#options.clock.sleep(this.#backoff.next(), signal);
    } catch {
      // Aborted: the loop sees it.
    }
  }

  async #try(index: number, signal: AbortSignal): Promise<boolean> {
    const { sources, runInput, clock, sourceTimeout, open, ended } = this.#options;
    const source = sources[index];
    if (source === undefined) return false;
    const attempt: Attempt = { abort: new AbortController(), firstFrame: undefined, lastFrame: clock.monotonic() };
    const sink = guarded(open(index), {
      frame: () => this.#noteFrame(attempt),
      fault: (cause) => attempt.abort.abort(new AppError('internal', 'handling the media failed', { cause })),
    });
    const cancelWatch = this.#watch(attempt);
    let error: AppError | undefined;
    try {
      const both = AbortSignal.any([signal, attempt.abort.signal]);
      await runInput({ source, sink, timeout: sourceTimeout, signal: both });
    } catch (reason) {
      error = asAppError(reason);
    } finally {
      cancelWatch();
    }
    if (attempt.abort.signal.aborted) error = asAppError(attempt.abort.signal.reason);
    ended(index, signal.aborted ? undefined : (error ?? new AppError('source-closed', 'the source ended')));
    return attempt.firstFrame !== undefined;
  }

  #noteFrame(attempt: Attempt): void {
    attempt.lastFrame = this.#options.clock.monotonic();
    attempt.firstFrame ??= attempt.lastFrame;
    if (between(attempt.firstFrame, attempt.lastFrame) > soundAfter) this.#backoff.reset();
  }

  /** Ends the connection when no frame has come for too long. One timer, moved on when it fires, not with every frame. */
  #watch(attempt: Attempt): () => void {
    const { clock } = this.#options;
    let cancel = (): void => undefined;
    const arm = (): void => {
      const due = after(attempt.lastFrame, this.#patience);
      cancel = clock.setTimer(due, () => {
        if (between(attempt.lastFrame, clock.monotonic()) < this.#patience) arm();
        else attempt.abort.abort(new AppError('source-stalled', 'the source sends no frames'));
      });
    };
    arm();
    return () => cancel();
  }
}

function asAppError(reason: unknown): AppError {
  return reason instanceof AppError ? reason : new AppError('internal', 'reading the source failed', { cause: reason });
}
