import type { Clock } from '../../units/clock.ts';
import { after, type Millis } from '../../units/time.ts';

export interface StartLimitOptions {
  readonly clock: Clock;
  readonly limit: Millis;
  /** It has not started in that time; `waitsFor` is the step that was begun last. */
  readonly overdue: (waitsFor: string) => void;
}

/** Sees to it that a start which hangs is ended, and that its step is named: a disk, a volume of recordings, a worker. */
export class StartLimit {
  readonly #cancel: () => void;
  #step: string;

  /** `first`: what the start begins with. */
  constructor(first: string, { clock, limit, overdue }: StartLimitOptions) {
    this.#step = first;
    this.#cancel = clock.setTimer(after(clock.monotonic(), limit), () => overdue(this.#step));
  }

  readonly begins = (step: string): void => {
    this.#step = step;
  };

  /** It runs, or its start has failed. */
  over(): void {
    this.#cancel();
  }
}
