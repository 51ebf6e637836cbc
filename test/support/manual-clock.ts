import type { Clock } from '../../src/units/clock.ts';
import {
  after,
  type Instant,
  instant,
  type Millis,
  millis,
  type UnixMicros,
  unixMicros,
} from '../../src/units/time.ts';

interface Timer {
  readonly at: Instant;
  readonly order: number;
  readonly fire: () => void;
}

/** Time that moves only when the test says so; timers fire in order of time, then of setting. */
export class ManualClock implements Clock {
  #now = instant(0);
  #order = 0;
  readonly #timers = new Set<Timer>();
  readonly #epoch: UnixMicros;

  constructor(epoch: UnixMicros = unixMicros(1_800_000_000_000_000)) {
    this.#epoch = epoch;
  }

  monotonic(): Instant {
    return this.#now;
  }

  wall(): UnixMicros {
    return unixMicros(this.#epoch + Math.round(this.#now * 1000));
  }

  setTimer(at: Instant, fire: () => void): () => void {
    const timer = { at, order: this.#order++, fire };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  sleep(span: Millis, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const aborted = (): void => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = this.setTimer(after(this.#now, span), () => {
        signal?.removeEventListener('abort', aborted);
        resolve();
      });
      signal?.addEventListener('abort', aborted, { once: true });
    });
  }

  /** Lets `span` pass; between timers the promises that they resolved get their turn. */
  async advance(span: Millis): Promise<void> {
    const end = after(this.#now, span);
    for (;;) {
      await settle();
      const due = [...this.#timers].filter((t) => t.at <= end).sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (due === undefined) break;
      this.#timers.delete(due);
      this.#now = instant(Math.max(this.#now, due.at));
      due.fire();
    }
    this.#now = end;
    await settle();
  }

  /** Time passes and no timer fires, as for a process that is stopped; those that came due fire when time is let pass again. */
  standStill(span: Millis): void {
    this.#now = after(this.#now, span);
  }
}

export const ms = (value: number): Millis => millis(value);

/** Promise chains of bounded depth run to their end; 20 is deeper than any in this project. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}
