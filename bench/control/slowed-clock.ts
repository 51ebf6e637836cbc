import { systemClock } from '../../src/adapters/clock.ts';
import type { Clock } from '../../src/units/clock.ts';
import {
  after,
  between,
  type Instant,
  type Millis,
  millis,
  type UnixMicros,
  unixMicros,
} from '../../src/units/time.ts';

interface Pending {
  readonly at: Instant;
  readonly fire: () => void;
  cancel: () => void;
}

/**
 * Time that goes slower than the machine's, for many servers that share a core: each then gets as much done in a second of theirs as if it
 * had more of a core to itself. Its speed may be changed while it runs.
 */
export class SlowedClock implements Clock {
  readonly #startWall = systemClock.wall();
  readonly #start = systemClock.monotonic();
  readonly #pending = new Set<Pending>();
  #slowness = 1;
  #realBase = this.#start;
  #base = this.#start;

  /** From now on so many seconds of the machine are one of this clock. */
  slow(slowness: number): void {
    this.#base = this.monotonic();
    this.#realBase = systemClock.monotonic();
    this.#slowness = slowness;
    for (const timer of this.#pending) {
      timer.cancel();
      this.#arm(timer);
    }
  }

  monotonic(): Instant {
    const real = between(this.#realBase, systemClock.monotonic());
    return after(this.#base, millis(real / this.#slowness));
  }

  wall(): UnixMicros {
    return unixMicros(this.#startWall + Math.round(between(this.#start, this.monotonic()) * 1000));
  }

  setTimer(at: Instant, fire: () => void): () => void {
    const timer: Pending = { at, fire, cancel: () => undefined };
    this.#pending.add(timer);
    this.#arm(timer);
    return () => {
      timer.cancel();
      this.#pending.delete(timer);
    };
  }

  sleep(span: Millis, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.setTimer(after(this.monotonic(), span), () => resolve());
      const onAbort = (): void => {
        cancel();
        reject(signal?.reason);
      };
      if (signal?.aborted) onAbort();
      else signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  #arm(timer: Pending): void {
    const left = between(this.monotonic(), timer.at) * this.#slowness;
    timer.cancel = systemClock.setTimer(after(systemClock.monotonic(), millis(Math.max(0, left))), () => {
      this.#pending.delete(timer);
      timer.fire();
    });
  }
}
