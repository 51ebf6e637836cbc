import type { Clock } from '../../units/clock.ts';
import { after, between, type Instant, type Millis } from '../../units/time.ts';

/** One segment may be lost to a hiccup; after so many in a row another server should try. */
const mostLostInARow = 3;

export interface DiskWatchOptions {
  readonly clock: Clock;
  /** How long nothing may come to be published of what was recorded: `source_timeout`. */
  readonly limit: Millis;
  /** Viewers get nothing from here on, and why. */
  readonly fails: (error: string) => void;
  /** After `fails`: a segment is published again. */
  readonly works: () => void;
}

/** Judges whether what comes from the source reaches the disk and so the viewers. */
export class DiskWatch {
  readonly #options: DiskWatchOptions;
  /** Since when segments wait for the disk or are lost, with none published. */
  #since: Instant | undefined;
  #waiting = 0;
  #lostInARow = 0;
  #lastLost: number | undefined;
  #lostTotal = 0;
  #error = 'it stands still';
  #failing = false;
  #cancel: (() => void) | undefined;

  constructor(options: DiskWatchOptions) {
    this.#options = options;
  }

  get lostTotal(): number {
    return this.#lostTotal;
  }

  /** What the disk says. */
  refused(error: string): void {
    this.#error = error;
  }

  /** A segment is complete, and is published once the disk has it. */
  awaits(): void {
    this.#waiting += 1;
    this.#begin();
    this.#arm();
  }

  /** What became of one that was waited for. */
  settled(number: number, published: boolean): void {
    this.#waiting -= 1;
    if (published) this.#published();
    else this.lost(number);
  }

  /** The segment of this number is lost, in whole or in part. */
  lost(number: number): void {
    // One segment may be lost piece by piece.
    if (number === this.#lastLost) return;
    this.#lastLost = number;
    this.#lostTotal += 1;
    this.#lostInARow += 1;
    const since = this.#begin();
    const isOver = between(since, this.#options.clock.monotonic()) >= this.#options.limit;
    if (isOver || this.#lostInARow >= mostLostInARow) this.#fail();
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #begin(): Instant {
    this.#since ??= this.#options.clock.monotonic();
    return this.#since;
  }

  #published(): void {
    this.#since = undefined;
    if (this.#waiting > 0) this.#begin();
    this.#lostInARow = 0;
    this.#error = 'it stands still';
    if (!this.#failing) return;
    this.#failing = false;
    this.#options.works();
  }

  /** One timer at a time, which looks again where segments were published meanwhile. */
  #arm(): void {
    if (this.#cancel !== undefined || this.#since === undefined || this.#failing) return;
    const { clock, limit } = this.#options;
    this.#cancel = clock.setTimer(after(this.#since, limit), () => {
      this.#cancel = undefined;
      if (this.#waiting === 0 || this.#since === undefined) return;
      if (between(this.#since, clock.monotonic()) >= limit) this.#fail();
      else this.#arm();
    });
  }

  #fail(): void {
    if (this.#failing) return;
    this.#failing = true;
    this.#options.fails(`the disk does not take the segments: ${this.#error}`);
  }
}
