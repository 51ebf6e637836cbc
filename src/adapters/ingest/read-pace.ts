import type { Clock } from '../../units/clock.ts';
import { after, between, type Instant, instant, type Millis, millis } from '../../units/time.ts';

/** The time of two pictures: what a camera sends for them, its sound included, is then taken with one read. Less than what players notice. */
const lookEvery: Millis = millis(80);
/** Cameras answer within some ten milliseconds; a slow one costs each of its answers a rest. */
const answerTime: Millis = millis(200);

/** What sockets tell of their reading, so that the thread can choose its moments. */
export interface Reading {
  /** A socket has been read. */
  read(): void;
  /** A connected source was asked something, and each rest would delay what is done with the answer. */
  asked(): void;
}

/**
 * Lets a thread look at its sockets once in `lookEvery` at most, as a network card gathers interrupts. A hundred sources that each send
 * fifty times a second wake it for every piece otherwise; and to wake up, with all that was in the processor's caches gone, costs more than
 * what is done with the piece. Bytes wait in the kernel meanwhile.
 *
 * Node's event loop can't be told so: it takes what is there and blocks until there is more. Therefore the thread itself stands still, once
 * in a turn of the loop that has read something, until the time has come or `bell` is rung: by another thread, which first sends its message,
 * then adds 1 and notifies. Timers and completed writes wait for the same moment. Who needs longer than `lookEvery` for a turn has no rest.
 */
export class ReadPace implements Reading {
  readonly #options: ReadPaceOptions;
  /** What was rung up to here has been attended to since. */
  #heard = 0;
  #lookedAt: Instant = instant(0);
  #restlessUntil: Instant = instant(0);
  #due = false;

  constructor(options: ReadPaceOptions) {
    this.#options = options;
  }

  read(): void {
    if (this.#due) return;
    this.#due = true;
    // Runs when all sockets of this turn have been read.
    setImmediate(() => this.#rest());
  }

  asked(): void {
    this.#restlessUntil = after(this.#options.clock.monotonic(), answerTime);
  }

  #rest(): void {
    const { clock, bell, wait } = this.#options;
    this.#due = false;
    const now = clock.monotonic();
    const left = millis(lookEvery - between(this.#lookedAt, now));
    if (left > 0 && now >= this.#restlessUntil) wait(bell, this.#heard, left);
    this.#heard = Atomics.load(bell, 0);
    this.#lookedAt = clock.monotonic();
  }
}

export interface ReadPaceOptions {
  readonly clock: Clock;
  /** One element of shared memory. */
  readonly bell: Int32Array;
  /** Stands still until `bell` is rung, but not when it shows something else than `heard`. */
  readonly wait: (bell: Int32Array, heard: number, most: Millis) => void;
}

/** For `wait`: the thread stands still. */
export function standStill(bell: Int32Array, heard: number, most: Millis): void {
  Atomics.wait(bell, 0, heard, most);
}

/** Tells a thread that there is a message for it. */
export function ring(bell: Int32Array): void {
  Atomics.add(bell, 0, 1);
  Atomics.notify(bell, 0);
}
