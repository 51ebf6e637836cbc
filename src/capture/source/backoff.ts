import { type Millis, millis } from '../../units/time.ts';

/** How long to wait before the next try: doubling, capped, and jittered so that many captures don't strike at once. */
export class Backoff {
  readonly #random: () => number;
  readonly #first: Millis;
  readonly #longest: Millis;
  #next: number;

  /** `random`: in [0, 1). */
  constructor(random: () => number, { first, longest }: { readonly first: Millis; readonly longest: Millis }) {
    this.#random = random;
    this.#first = first;
    this.#longest = longest;
    this.#next = first;
  }

  next(): Millis {
    const span = this.#next * (0.5 + this.#random() / 2);
    this.#next = Math.min(this.#longest, this.#next * 2);
    return millis(span);
  }

  reset(): void {
    this.#next = this.#first;
  }
}
