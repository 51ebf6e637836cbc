import type { Clock } from '../../src/units/clock.ts';
import { after, type Instant, instant, type Millis, type UnixMicros, unixMicros } from '../../src/units/time.ts';

/** Time that the measured code is given: stands still until it is moved. Costs nearly nothing, for it is inside what is measured. */
export class SteppedClock implements Clock {
  #now = instant(0);
  readonly #timers = new Set<{ readonly at: Instant; readonly fire: () => void }>();

  monotonic(): Instant {
    return this.#now;
  }

  wall(): UnixMicros {
    return unixMicros(1_800_000_000_000_000 + Math.round(this.#now * 1000));
  }

  setTimer(at: Instant, fire: () => void): () => void {
    const timer = { at, fire };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  sleep(span: Millis): Promise<void> {
    return new Promise((resolve) => this.setTimer(after(this.#now, span), resolve));
  }

  move(span: Millis): void {
    this.#now = after(this.#now, span);
    for (const timer of this.#timers) {
      if (timer.at > this.#now) continue;
      this.#timers.delete(timer);
      timer.fire();
    }
  }
}
