import { AppError } from '../../units/app-error.ts';
import type { Clock } from '../../units/clock.ts';
import type { Instant } from '../../units/time.ts';

/** So many requests wait for something at once; each holds a socket and little else. More are refused instead of piling up. */
const mostHeld = 10_000;
/** From here on nobody waits who can be answered: the rest is for those who can't. */
const crowd = 5_000;

/** Counts the requests that wait anywhere in this server. */
export class HoldCount {
  #held = 0;

  get held(): number {
    return this.#held;
  }

  get isCrowded(): boolean {
    return this.#held >= crowd;
  }

  enter(): void {
    if (this.#held >= mostHeld) throw new AppError('server-overloaded', 'too many requests wait at this server');
    this.#held += 1;
  }

  leave(): void {
    this.#held -= 1;
  }
}

/** A moment that several requests wait for: each wait ends at the next change, at its deadline, or with its viewer. */
export class Changes {
  readonly #clock: Clock;
  readonly #count: HoldCount;
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock, count: HoldCount) {
    this.#clock = clock;
    this.#count = count;
  }

  /** Ends all waits. */
  notify(): void {
    for (const end of [...this.#waiting]) end();
  }

  /** Resolves at the next `notify`, at `deadline`, or when aborted, whichever is first. Rejects with `server-overloaded` at the bound. */
  async next(deadline: Instant, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#clock.monotonic() >= deadline) return;
    this.#count.enter();
    await new Promise<void>((resolve) => {
      const end = (): void => {
        if (!this.#waiting.delete(end)) return;
        cancel();
        signal.removeEventListener('abort', end);
        this.#count.leave();
        resolve();
      };
      const cancel = this.#clock.setTimer(deadline, end);
      signal.addEventListener('abort', end, { once: true });
      this.#waiting.add(end);
    });
  }
}
