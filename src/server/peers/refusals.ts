import type { Clock } from '../../units/clock.ts';
import type { ServerName } from '../../units/ids.ts';
import { between, type Instant, millis } from '../../units/time.ts';

/** A peer that is not heard is asked again every second or so; one that refused so long ago has changed its mind, or is gone. */
const refusedLately = millis(10_000);

/** Of two that refuse each other nobody can say which has the wrong key; and in a group of two the other one may be about to follow. */
const fewest = 2;

/** When each peer answered last that it does not take this server for a member of its group: one of the two has a wrong key. */
export class Refusals {
  readonly #clock: Clock;
  readonly #last = new Map<ServerName, Instant>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note(peer: ServerName): void {
    this.#last.set(peer, this.#clock.monotonic());
  }

  /** So many refuse this server that the wrong key is its own, unless others accept it. */
  get isRefused(): boolean {
    const now = this.#clock.monotonic();
    return [...this.#last.values()].filter((at) => between(at, now) <= refusedLately).length >= fewest;
  }
}
