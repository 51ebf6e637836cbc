import { type Millis, millis } from '../../units/time.ts';

/** A camera that restarts is back within seconds; the first try should be among the first to find it. */
const first = 250;
/** Half of what viewers wait through; a source that comes back is missed for no longer. */
const longest = 5_000;
/** An input that brought frames for so long was sound: what follows starts over. */
export const soundAfter = millis(10_000);

/** How long to wait before the next round of tries: doubling, capped, and jittered so that many captures don't strike at once. */
export class Backoff {
  readonly #random: () => number;
  #next = first;

  /** `random`: in [0, 1). */
  constructor(random: () => number) {
    this.#random = random;
  }

  next(): Millis {
    const span = this.#next * (0.5 + this.#random() / 2);
    this.#next = Math.min(longest, this.#next * 2);
    return millis(span);
  }

  reset(): void {
    this.#next = first;
  }
}
