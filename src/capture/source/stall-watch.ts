import type { Clock } from '../../units/clock.ts';
import { after, between, type Instant, type Millis } from '../../units/time.ts';

type StallFact = { readonly type: 'frames' } | { readonly type: 'stalled'; readonly error: string };

/** Tells the transitions of a capture: frames arrive, or none has arrived for `source_timeout`, over all connections, or what arrives is lost. */
export class StallWatch {
  readonly #clock: Clock;
  readonly #limit: Millis;
  readonly #tell: (fact: StallFact) => void;
  #last: Instant;
  #state: 'waiting' | 'frames' | 'stalled' = 'waiting';
  #error: string | undefined;
  #blocked = false;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, limit: Millis, tell: (fact: StallFact) => void) {
    this.#clock = clock;
    this.#limit = limit;
    this.#tell = tell;
    this.#last = clock.monotonic();
  }

  start(): void {
    this.#last = this.#clock.monotonic();
    this.#arm();
  }

  frame(now: Instant): void {
    this.#last = now;
    if (this.#state === 'frames' || this.#blocked) return;
    const wasStalled = this.#state === 'stalled';
    this.#state = 'frames';
    this.#error = undefined;
    this.#tell({ type: 'frames' });
    if (wasStalled) this.#arm();
  }

  /** Why the last connection ended: the better reason than silence, should frames stay away. */
  failed(error: string): void {
    this.#error = error;
  }

  /** Frames are worth nothing until `unblock`. */
  block(error: string): void {
    this.#blocked = true;
    this.#error = error;
    if (this.#state === 'stalled') return;
    this.#cancel?.();
    this.#stalled();
  }

  /** The next frame counts again. */
  unblock(): void {
    this.#blocked = false;
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #arm(): void {
    this.#cancel = this.#clock.setTimer(after(this.#last, this.#limit), () => {
      if (between(this.#last, this.#clock.monotonic()) < this.#limit) this.#arm();
      else this.#stalled();
    });
  }

  #stalled(): void {
    this.#state = 'stalled';
    this.#tell({ type: 'stalled', error: this.#error ?? 'the source sends no frames' });
  }
}
