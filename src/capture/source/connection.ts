import type { SourceConfig } from '../../config/model/config.ts';
import type { MediaSink } from '../../media/track.ts';
import { AppError } from '../../units/app-error.ts';
import type { Clock } from '../../units/clock.ts';
import { after, between, type Instant, type Millis, millis } from '../../units/time.ts';
import { guarded } from './guarded-sink.ts';
import type { RunInput } from './input.ts';

/** One that brought frames for so long was sound: what follows it starts over. */
export const soundAfter = millis(10_000);
/** An input that doesn't close its connection in this time keeps nobody waiting for longer. */
export const longestClosing = millis(3_000);
/** How many looks at the frames make up the patience with their absence: no clock is read for a frame. */
const looks = 4;

export interface ConnectionOptions {
  /** Its place among the stream's sources. */
  readonly index: number;
  readonly source: SourceConfig;
  readonly runInput: RunInput;
  readonly clock: Clock;
  /** Bounds each step until media flows. */
  readonly timeout: Millis;
  /** It is given up when no frame has come for so long. */
  readonly patience: Millis;
  /** Of the capture. */
  readonly signal: AbortSignal;
  /** Makes where its media go. */
  readonly sink: (connection: Connection) => MediaSink;
  /** It brings frames, and has done so for `soundAfter`. */
  readonly sound: () => void;
}

/** One connection to one source, from its opening until it is closed. */
export class Connection {
  /** A reload may move it. */
  index: number;
  readonly source: SourceConfig;
  /** Resolves when its connection is closed; never rejects. */
  readonly closed: Promise<void>;
  readonly #options: ConnectionOptions;
  readonly #abort = new AbortController();
  readonly #openedAt: Instant;
  #frames = 0;
  /** Looks without a new frame. */
  #missed = 0;
  /** Looks with one. */
  #seen = 0;
  #error: AppError | undefined;
  #shut: () => void = () => undefined;

  static open(options: ConnectionOptions): Connection {
    return new Connection(options);
  }

  private constructor(options: ConnectionOptions) {
    this.#options = options;
    this.index = options.index;
    this.source = options.source;
    this.#openedAt = options.clock.monotonic();
    this.closed = this.#run();
  }

  /** To be called at each frame that shows the source to be alive. */
  readonly alive = (): void => {
    this.#frames += 1;
  };

  /** Why it ended; absent while it runs, and when the capture was stopped. */
  get error(): AppError | undefined {
    return this.#error;
  }

  get isSound(): boolean {
    return this.#missed === 0 && this.#seen * this.#every > soundAfter;
  }

  /** It has brought frames, and brought some lately. */
  get flows(): boolean {
    return this.#frames > 0 && this.#missed === 0;
  }

  get lasted(): Millis {
    return between(this.#openedAt, this.#options.clock.monotonic());
  }

  /**
   * Whether it gave frames until it broke off: then the first source is worth a try again. Of one that fell silent the others come
   * first, or none of them would be tried within `source_timeout`.
   */
  get brokeOff(): boolean {
    return this.#frames > 0 && this.#error?.code !== 'source-stalled';
  }

  /** Closes it; nothing of it counts any more. */
  replace(reason: AppError): void {
    this.#shut();
    this.end(reason);
  }

  end(reason: AppError): void {
    this.#abort.abort(reason);
  }

  get #every(): Millis {
    return millis(this.#options.patience / looks);
  }

  async #run(): Promise<void> {
    const { source, runInput, timeout, signal, sink } = this.#options;
    // Whoever opens it holds it before its sink is made.
    await Promise.resolve();
    const guard = guarded(sink(this), (cause) =>
      this.end(new AppError('internal', 'handling the media failed', { cause })),
    );
    this.#shut = () => guard.shut();
    const cancelWatch = this.#watch();
    const closed = new AbortController();
    let error: AppError | undefined;
    try {
      forward(signal, this.#abort, closed.signal);
      const either = this.#abort.signal;
      const running = runInput({ source, sink: guard, timeout, signal: either });
      await Promise.race([running, this.#overdue(either, closed.signal)]);
    } catch (reason) {
      error = asAppError(reason);
    } finally {
      cancelWatch();
      closed.abort();
    }
    if (this.#abort.signal.aborted) error = asAppError(this.#abort.signal.reason);
    this.#error = signal.aborted ? undefined : (error ?? new AppError('source-closed', 'the source ended'));
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
  #watch(): () => void {
    const { clock, sound } = this.#options;
    let counted = 0;
    let cancel = (): void => undefined;
    const arm = (): void => {
      cancel = clock.setTimer(after(clock.monotonic(), this.#every), () => {
        this.#missed = this.#frames > counted ? 0 : this.#missed + 1;
        this.#seen += this.#frames > counted ? 1 : 0;
        counted = this.#frames;
        if (this.isSound) sound();
        if (this.#missed < looks) arm();
        else this.end(new AppError('source-stalled', 'the source sends no frames'));
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
