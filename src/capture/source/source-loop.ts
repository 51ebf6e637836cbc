import type { SourceConfig } from '../../config/model/config.ts';
import type { MediaSink } from '../../media/track.ts';
import { AppError } from '../../units/app-error.ts';
import type { Clock } from '../../units/clock.ts';
import { after, type Millis, millis } from '../../units/time.ts';
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
  /** A connection to this source begins; returns where its frames go. `alive` is to be called at each frame that shows the source to be alive. */
  readonly open: (source: number, alive: () => void) => MediaSink;
  /** It has ended and its connection is closed. */
  readonly ended: (source: number, error: AppError | undefined) => void;
}

/** An input that doesn't close its connection in this time keeps nobody waiting for longer. */
const longestClosing = millis(3_000);
/** How many looks at the frames make up the patience with their absence: no clock is read for a frame. */
const looks = 4;

interface Attempt {
  readonly abort: AbortController;
  frames: number;
  /** Looks without a new frame. */
  missed: number;
  /** Looks with one. */
  seen: number;
}

/** Reads the sources of a stream, in order, again and again, until aborted. One connection at a time. */
export class SourceLoop {
  readonly #options: SourceLoopOptions;
  readonly #backoff: Backoff;
  readonly #patience: Millis;
  #current: AbortController | undefined;

  constructor(options: SourceLoopOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.random);
    const share = options.sourceTimeout / Math.max(1, options.sources.length);
    this.#patience = millis(Math.min(options.sourceTimeout, Math.max(leastPatience, share)));
  }

  /** Ends the present connection for this reason; the next follows as after any other failure. */
  interrupt(reason: AppError): void {
    this.#current?.abort(reason);
  }

  /** Begins with the source `first`, if there is such a one. Resolves when aborted and the last connection is closed. */
  async run(signal: AbortSignal, first = 0): Promise<void> {
    const { length } = this.#options.sources;
    let tried = 0;
    for (let index = first < length ? first : 0; !signal.aborted; ) {
      const brokeOff = await this.#try(index, signal);
      tried = brokeOff ? length : tried + 1;
      index = (index + 1) % length;
      if (tried < length) continue;
      tried = 0;
      index = 0;
      if (!signal.aborted) await this.#pause(signal);
    }
  }

  async #pause(signal: AbortSignal): Promise<void> {
    try {
      await this.#options.clock.sleep(this.#backoff.next(), signal);
    } catch {
      // Aborted: the loop sees it.
    }
  }

  /**
   * Whether it gave frames until its connection broke off: then the first source is worth a try again. Of one that fell silent the others
   * come first, or none of them would be tried within `source_timeout`.
   */
  async #try(index: number, signal: AbortSignal): Promise<boolean> {
    const { sources, runInput, sourceTimeout, open, ended } = this.#options;
    const source = sources[index];
    if (source === undefined) return false;
    const attempt: Attempt = { abort: new AbortController(), frames: 0, missed: 0, seen: 0 };
    this.#current = attempt.abort;
    const alive = (): void => {
      attempt.frames += 1;
    };
    const sink = guarded(open(index, alive), (cause) =>
      attempt.abort.abort(new AppError('internal', 'handling the media failed', { cause })),
    );
    const cancelWatch = this.#watch(attempt);
    const closed = new AbortController();
    let error: AppError | undefined;
    try {
      forward(signal, attempt.abort, closed.signal);
      const either = attempt.abort.signal;
      const running = runInput({ source, sink, timeout: sourceTimeout, signal: either });
      await Promise.race([running, this.#overdue(either, closed.signal)]);
    } catch (reason) {
      error = asAppError(reason);
    } finally {
      cancelWatch();
      closed.abort();
    }
    if (attempt.abort.signal.aborted) error = asAppError(attempt.abort.signal.reason);
    ended(index, signal.aborted ? undefined : (error ?? new AppError('source-closed', 'the source ended')));
    return attempt.frames > 0 && error?.code !== 'source-stalled';
  }

  /** Resolves when the input had its time to close after it was aborted. */
  #overdue(aborted: AbortSignal, closed: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    return new Promise((resolve) => {
      const arm = (): void => {
        const cancel = clock.setTimer(after(clock.monotonic(), longestClosing), resolve);
        closed.addEventListener('abort', cancel, { once: true });
      };
      if (aborted.aborted) arm();
      else aborted.addEventListener('abort', arm, { once: true, signal: closed });
    });
  }

  /** Ends the connection when no frame has come for too long. */
  #watch(attempt: Attempt): () => void {
    const { clock } = this.#options;
    const every = millis(this.#patience / looks);
    let counted = 0;
    let cancel = (): void => undefined;
    const arm = (): void => {
      cancel = clock.setTimer(after(clock.monotonic(), every), () => {
        attempt.missed = attempt.frames > counted ? 0 : attempt.missed + 1;
        attempt.seen += attempt.frames > counted ? 1 : 0;
        counted = attempt.frames;
        if (attempt.seen * every > soundAfter) this.#backoff.reset();
        if (attempt.missed < looks) arm();
        else attempt.abort.abort(new AppError('source-stalled', 'the source sends no frames'));
      });
    };
    arm();
    return () => cancel();
  }
}

/**
 * Aborts `to` when `from` is, until `end`. Not by `AbortSignal.any`: on Node 20 what it makes is remembered by `from`, which lives as long as
 * the capture, and a source that is down for a year is tried millions of times.
 */
function forward(from: AbortSignal, to: AbortController, end: AbortSignal): void {
  const abort = (): void => to.abort(from.reason);
  if (from.aborted) abort();
  else from.addEventListener('abort', abort, { once: true, signal: end });
}

function asAppError(reason: unknown): AppError {
  return reason instanceof AppError ? reason : new AppError('internal', 'reading the source failed', { cause: reason });
}
