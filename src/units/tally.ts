import type { Clock } from './clock.ts';
import type { Log, LogFields } from './log.ts';
import { after, millis } from './time.ts';

/** What happens all the time, such as a source's damage, fills a line in so long, not a line a packet. */
const window = millis(10_000);

/** Counts what repeats, and logs it once a window with its count and the last detail; the first at once. */
export class Tally {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #message: string;
  readonly #level: 'warn' | 'info';
  #total = 0;
  #told = 0;
  #last: LogFields = {};
  #cancel: (() => void) | undefined;

  /** `message`: constant, for the log. */
  constructor(clock: Clock, log: Log, message: string, level: 'warn' | 'info' = 'warn') {
    this.#clock = clock;
    this.#log = log;
    this.#message = message;
    this.#level = level;
  }

  get total(): number {
    return this.#total;
  }

  add(detail: LogFields): void {
    this.#total += 1;
    this.#last = detail;
    if (this.#cancel === undefined) this.#tell();
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #tell(): void {
    this.#log[this.#level](this.#message, { ...this.#last, count: this.#total - this.#told });
    this.#told = this.#total;
    this.#cancel = this.#clock.setTimer(after(this.#clock.monotonic(), window), () => {
      this.#cancel = undefined;
      if (this.#total > this.#told) this.#tell();
    });
  }
}
