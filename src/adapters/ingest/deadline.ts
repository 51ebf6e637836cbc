import { AppError, type ErrorCode } from '../../units/app-error.ts';
import type { Clock } from '../../units/clock.ts';
import { after, type Millis } from '../../units/time.ts';

/** The time that each step may take until media flows. Its `signal` is aborted with an `AppError` when a step takes longer. */
export class Deadline {
  readonly #clock: Clock;
  readonly #span: Millis;
  readonly #controller = new AbortController();
  #cancel: () => void = () => {};

  constructor(clock: Clock, span: Millis) {
    this.#clock = clock;
    this.#span = span;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Begins a step; `code` and `message` say what it means when that step doesn't end. */
  begin(code: ErrorCode, message: string): void {
    this.#cancel();
    this.#cancel = this.#clock.setTimer(after(this.#clock.monotonic(), this.#span), () =>
      this.#controller.abort(new AppError(code, message)),
    );
  }

  stop(): void {
    this.#cancel();
  }
}
