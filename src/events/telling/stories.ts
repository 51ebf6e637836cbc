import type { StreamName } from '../../units/ids.ts';
import type { Ticks } from '../../units/ticks.ts';
import type { Timelines } from '../ends/timelines.ts';
import { lossPhrase, type Told } from './describe.ts';
import { lossBetween } from './loss.ts';

/** Where the stream's timeline ended, when that is asked of others. Never rejects. */
type Before = Promise<Ticks | undefined>;

/** Events that wait to be told until it is known what was lost: where the timeline ended before, and where it goes on. */
export class Stories {
  readonly #timelines: Timelines;
  readonly #open = new Set<Promise<void>>();
  readonly #closing: Promise<undefined>;
  #close: () => void = () => {};

  constructor(timelines: Timelines) {
    this.#timelines = timelines;
    this.#closing = new Promise((resolve) => {
      this.#close = () => resolve(undefined);
    });
  }

  /** Tells it with what is missing before the first segment of the present capture. */
  withLoss(stream: StreamName, told: Told, before: Before, tellIt: (event: Told) => void): void {
    this.#tellWhenKnown(told, before, this.#timelines.first(stream), tellIt);
  }

  /** Tells it with what is missing between this server's last segment and its next. */
  withOwnLoss(stream: StreamName, told: Told, tellIt: (event: Told) => void): void {
    const before = this.#timelines.unbrokenEnd(stream);
    // Without a segment before there is nothing that could be missing.
    if (before === undefined) tellIt(told);
    else this.#tellWhenKnown(told, Promise.resolve(before), this.#timelines.next(stream), tellIt);
  }

  /** Runs on when both are known, or known not to be: what was found out, and the start of the present capture's first segment. */
  whenBegun<T>(
    stream: StreamName,
    found: Promise<T | undefined>,
    then: (found: T | undefined, start: Ticks | undefined) => void,
  ): void {
    this.#await(found, this.#timelines.first(stream), then);
  }

  /** Tells what is open, as far as it is known. */
  async close(): Promise<void> {
    this.#close();
    this.#timelines.close();
    await Promise.all(this.#open);
  }

  #tellWhenKnown(told: Told, before: Before, start: Before, tellIt: (event: Told) => void): void {
    this.#await(before, start, (end, first) => {
      const loss = lossBetween(end, first);
      tellIt({ ...told, ...loss, message: told.message + lossPhrase(loss.lostMs) });
    });
  }

  #await<T>(
    found: Promise<T | undefined>,
    start: Before,
    then: (found: T | undefined, start: Ticks | undefined) => void,
  ): void {
    const story = Promise.all([Promise.race([found, this.#closing]), start]).then(([what, first]) => {
      this.#open.delete(story);
      then(what, first);
    });
    this.#open.add(story);
  }
}
