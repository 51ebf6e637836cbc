import { timescale90k } from '../../units/ticks.ts';
import { compareRunNames, type RunName } from '../layout/run-name.ts';
import type { Span } from '../span/span.ts';
import type { ArchivedRun } from './archived-run.ts';

/** The runs of one stream on one server, in the order of their names: by time. */
export class StreamRuns {
  readonly #runs: ArchivedRun[] = [];
  #bytes = 0;
  /** No run is longer, 90 kHz: what starts earlier than this before a time is over by then. */
  #longest = 0;

  /** Oldest first. Not to be kept: it changes. */
  get all(): readonly ArchivedRun[] {
    return this.#runs;
  }

  /** Of all recordings. */
  get bytes(): number {
    return this.#bytes;
  }

  get(name: RunName): ArchivedRun | undefined {
    const run = this.#runs[this.#placeOf(name)];
    return run !== undefined && compareRunNames(run, name) === 0 ? run : undefined;
  }

  /** Adds the run, or replaces what is known of it. */
  put(run: ArchivedRun): void {
    const at = this.#placeOf(run);
    const known = this.#runs[at];
    if (known !== undefined && compareRunNames(known, run) === 0) {
      this.#bytes -= known.bytes;
      this.#runs[at] = run;
    } else if (at === this.#runs.length) this.#runs.push(run);
    else this.#runs.splice(at, 0, run);
    this.#bytes += run.bytes;
    this.#longest = Math.max(this.#longest, run.end - run.start);
  }

  remove(name: RunName): void {
    const at = this.#placeOf(name);
    const run = this.#runs[at];
    if (run === undefined || compareRunNames(run, name) !== 0) return;
    this.#runs.splice(at, 1);
    this.#bytes -= run.bytes;
  }

  /** Those that have something of the span, in order. */
  overlapping({ start, end }: Span): ArchivedRun[] {
    const found: ArchivedRun[] = [];
    for (let i = this.#firstSince(start - this.#longest); i < this.#runs.length; i++) {
      const run = this.#runs[i];
      if (run === undefined || run.startMs > toMs(end)) break;
      if (run.end > start && run.start < end) found.push(run);
    }
    return found;
  }

  #placeOf(name: RunName): number {
    return this.#search((run) => compareRunNames(run, name) < 0);
  }

  #firstSince(start: number): number {
    return this.#search((run) => run.startMs < toMs(start) - 3);
  }

  /** The first run that is not before. */
  #search(isBefore: (run: ArchivedRun) => boolean): number {
    let [low, high] = [0, this.#runs.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const run = this.#runs[middle];
      if (run !== undefined && isBefore(run)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** A name has the run's start in whole milliseconds, give or take one. */
function toMs(time: number): number {
  return Math.ceil(time / (timescale90k / 1_000)) + 1;
}
