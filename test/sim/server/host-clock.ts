import { type Instant, instant } from '../../../src/units/time.ts';
import type { Schedule } from '../schedule.ts';

/** One machine's monotonic clock: begins somewhere, and runs a little too fast or too slow. */
export class HostClock {
  readonly #schedule: Schedule;
  readonly #offset: number;
  readonly #rate: number;

  constructor(schedule: Schedule, offset: number, rate: number) {
    this.#schedule = schedule;
    this.#offset = offset;
    this.#rate = rate;
  }

  now(): Instant {
    return instant(this.#offset + this.#schedule.now * this.#rate);
  }

  /** The world's time at which this clock is certain to have reached `at`: rounded up, for a timer never fires early. */
  worldTime(at: Instant): number {
    return (at - this.#offset) / this.#rate + 0.001;
  }

  worldSpan(span: number): number {
    return span / this.#rate;
  }
}
