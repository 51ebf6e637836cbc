import type { UnixMicros } from '../units/time.ts';

/** The smallest difference of arrival and source time in so long is nearly free of jitter. */
const bucketMicros = 1_000_000;
/** Spans over which a rate is sought, in buckets: a large error must be known soon, a small one can't be told from jitter before long. */
const spans = [16, 32, 64, 128, 256, 512] as const;
const longestSpan = 512;
/** What looks like a slow clock may be a queue that grows; it is given more time, for nothing is lost by being late. */
const shortestSlowSpan = 64;
/** A span is cut in four, and the drift from each to the next must be alike: a clock is wrong steadily, jitter and congestion are not. */
const parts = 4;
const unlikeness = 0.3;
/** How far two such drifts may differ by jitter in any case, microseconds. */
const jitterMicros = 15_000;
/** Only what has come to so much over a span is worth a correction; the rest is slewed. */
const worthMicros = 150_000;
/** A clock that is wrong by more is none that could be followed. */
const largestError = 0.051;
/** A quartz is better than this; a slew follows it. */
const quartz = 0.000_3;
/** What has gathered before the rate was known is made up for in so long, by this part of the time at most. */
const catchUpMicros = 30_000_000;
const fastestCatchUp = 0.005;

/**
 * Some sources have a clock that runs at another speed than time. Finds a steady error of the rate, up to 5 %, and takes it out: `place` maps the
 * source's time to one that keeps pace with the arrivals. For sources with a quartz it is the identity. All values are microseconds.
 */
export class SourceRate {
  /** Of the newest `longestSpan` buckets: the smallest arrival minus source time. */
  #differences: number[] = [];
  #bucketEnds = Number.NEGATIVE_INFINITY;
  #smallest = Number.POSITIVE_INFINITY;
  /** Time per source time, less one; and what is added to it to catch up. */
  #error = 0;
  #catchUp = 0;
  #corrected = false;
  /** From this time of the source on, `#scale` counts; before it, `#scaleBefore`. */
  #pivot = 0;
  #placed = 0;
  #scale = 1;
  #scaleBefore = 1;
  #newest = Number.NEGATIVE_INFINITY;

  /** Whether times are left as they are. */
  get isPlain(): boolean {
    return this.#scale === 1 && this.#scaleBefore === 1 && this.#pivot === this.#placed;
  }

  place(source: number): number {
    const since = source - this.#pivot;
    return this.#placed + since * (since < 0 ? this.#scaleBefore : this.#scale);
  }

  /** The source's time that is placed there, if it is not before the last change of the rate. */
  sourceOf(placed: number): number {
    return this.#pivot + (placed - this.#placed) / this.#scale;
  }

  /** Every frame, in the order of arrival, as the source's clock says. */
  observe(source: number, arrival: UnixMicros): void {
    this.#newest = Math.max(this.#newest, source);
    if (arrival >= this.#bucketEnds) this.#closeBucket(arrival);
    this.#smallest = Math.min(this.#smallest, arrival - source);
  }

  /** Once a segment: how far what is placed lies behind the arrivals now; negative: ahead. */
  follow(behind: number): void {
    const wanted = this.#corrected ? behind / catchUpMicros : 0;
    this.#catchUp = Math.max(-fastestCatchUp, Math.min(fastestCatchUp, wanted));
    this.#turn();
  }

  /** The source's time was not to be believed: nothing follows from what was seen. The rate is the device's, and stays. */
  forget(): void {
    this.#differences = [];
    this.#bucketEnds = Number.NEGATIVE_INFINITY;
    this.#smallest = Number.POSITIVE_INFINITY;
    this.#catchUp = 0;
  }

  #closeBucket(arrival: number): void {
    const missed = arrival - this.#bucketEnds > bucketMicros;
    if (missed) this.forget();
    else this.#differences.push(this.#smallest);
    if (this.#differences.length > longestSpan) this.#differences.shift();
    this.#bucketEnds = missed ? arrival + bucketMicros : this.#bucketEnds + bucketMicros;
    this.#smallest = Number.POSITIVE_INFINITY;
    this.#estimate();
  }

  #estimate(): void {
    for (const span of spans) {
      const error = this.#errorOver(span);
      if (error === undefined) continue;
      const drift = Math.abs(error - this.#error) * span * bucketMicros;
      if (drift < worthMicros || (error > quartz && span < shortestSlowSpan)) continue;
      this.#error = Math.abs(error) < quartz ? 0 : error;
      this.#corrected = true;
      this.#turn();
      return;
    }
  }

  /** Time per source time, less one, over that many of the newest buckets; undefined when they show no steady one. */
  #errorOver(span: number): number | undefined {
    const from = this.#differences.length - span;
    if (from < 0) return undefined;
    const size = span / parts;
    const least = Array.from({ length: parts }, (_, part) => {
      const at = from + part * size;
      return Math.min(...this.#differences.slice(at, at + size));
    });
    const drifts = least.slice(1).map((value, i) => value - (least[i] ?? value));
    const spread = Math.max(...drifts) - Math.min(...drifts);
    const mean = drifts.reduce((sum, drift) => sum + drift, 0) / drifts.length;
    if (!Number.isFinite(mean) || spread > Math.max(jitterMicros, unlikeness * Math.abs(mean))) return undefined;
    const perTime = mean / (size * bucketMicros);
    return Math.abs(perTime) > largestError ? undefined : perTime / (1 - perTime);
  }

  #turn(): void {
    const scale = 1 + this.#error + this.#catchUp;
    if (scale === this.#scale || !Number.isFinite(this.#newest)) return;
    // A change before the last one has passed would move what is placed by it.
    const at = Math.max(this.#newest, this.#pivot);
    this.#placed = this.place(at);
    this.#pivot = at;
    this.#scaleBefore = this.#scale;
    this.#scale = scale;
  }
}
