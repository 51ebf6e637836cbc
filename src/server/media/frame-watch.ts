import type { Clock } from '../../units/clock.ts';
import { after, between, type Instant, type Millis, millis } from '../../units/time.ts';

/** A worker tells of its captures once a second: the last it told may be so old, and it is heard first, for it knows why. */
const grace = millis(1_000);

export interface FrameWatchOptions {
  readonly clock: Clock;
  /** `source_timeout`. */
  readonly limit: Millis;
  /** No frame has been told of for so long, and no worker said so. */
  readonly stalled: () => void;
  /** After `stalled`: there are frames. */
  readonly frames: () => void;
}

/** Judges a capture by the age of its frames, over all lives of its worker: one that hangs or dies again and again tells nothing. */
export class FrameWatch {
  readonly #options: FrameWatchOptions;
  #last: Instant;
  /** `resting`: the worker has told the stall, and tells its end. */
  #state: 'watching' | 'stalled' | 'resting' = 'watching';
  #cancel: () => void = () => undefined;

  constructor(options: FrameWatchOptions) {
    this.#options = options;
    this.#last = options.clock.monotonic();
    this.#arm(this.#due);
  }

  /** A pulse tells of a frame that came then. */
  seen(at: Instant): void {
    if (at > this.#last) this.#last = at;
    if (this.#state === 'stalled' && !this.#isOver) this.#resume();
  }

  /** The worker says that frames arrive. */
  began(): void {
    this.#last = this.#options.clock.monotonic();
    if (this.#state !== 'watching') this.#resume();
  }

  /** The worker says that they don't, or that they are lost. */
  ended(): void {
    this.#cancel();
    this.#state = 'resting';
  }

  close(): void {
    this.#cancel();
  }

  get #due(): Instant {
    return after(this.#last, millis(this.#options.limit + grace));
  }

  get #isOver(): boolean {
    return this.#due <= this.#options.clock.monotonic();
  }

  #resume(): void {
    this.#state = 'watching';
    this.#arm(this.#due);
    this.#options.frames();
  }

  /** What fires late belongs to a thread that stood still: it has to hear first what was told meanwhile. */
  #arm(at: Instant): void {
    const { clock, stalled } = this.#options;
    this.#cancel = clock.setTimer(at, () => {
      const now = clock.monotonic();
      if (!this.#isOver) this.#arm(this.#due);
      else if (between(at, now) > grace) this.#arm(after(now, grace));
      else {
        this.#state = 'stalled';
        stalled();
      }
    });
  }
}
