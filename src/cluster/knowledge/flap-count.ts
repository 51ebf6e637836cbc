import { between, type Instant } from '../../units/time.ts';
import { bounds } from '../step/bounds.ts';

/** How often something went and came lately. Forgets after a while, and counts no higher than any rule asks. */
export class FlapCount {
  #times: Instant[] = [];

  add(now: Instant): void {
    this.#times.push(now);
    if (this.#times.length > bounds.mostFlaps) this.#times.shift();
  }

  lately(now: Instant): number {
    this.#times = this.#times.filter((at) => between(at, now) < bounds.flapMemory);
    return this.#times.length;
  }
}
