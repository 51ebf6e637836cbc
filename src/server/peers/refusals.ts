import type { Clock } from '../../units/clock.ts';
import { between, type Instant, millis } from '../../units/time.ts';

/** A peer that is not heard is asked again every second or so; one that refused so long ago has changed its mind, or is gone. */
const refusedLately = millis(10_000);

/** When a peer answered last without being a member of this server's group: one of the two has a wrong key. */
export class Refusals {
  readonly #clock: Clock;
  #last: Instant | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note(): void {
    this.#last = this.#clock.monotonic();
  }

  get lately(): boolean {
    return this.#last !== undefined && between(this.#last, this.#clock.monotonic()) <= refusedLately;
  }
}
