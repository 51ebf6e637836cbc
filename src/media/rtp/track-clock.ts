// RFC 3550 clause 6.4.1: how the tracks of one source relate. Each counts from a random start; only sender reports join them.
import { type Ticks, ticks } from '../../units/ticks.ts';
import { between, type Instant } from '../../units/time.ts';
import type { SenderReport } from './rtcp.ts';
import { RtpTimestamps } from './timestamp.ts';

/** What is heard, but hardly seen, between lips and voice; also the jitter of devices that write reports late. */
const toleranceSeconds = 0.04;
/** Reports that lie further apart come from clocks that have nothing to do with each other. */
const mostSeconds = 5;
/** An alignment once found is only left for reports that say so again and again. */
const disagreementsToMove = 3;

/** When the session's first packet arrived: zero of all its tracks. */
export interface SessionStart {
  at: Instant | undefined;
}

/**
 * One track's time on the session's clock. Until reports of both tracks are known, tracks are taken to start together: what arrives
 * first has the time of its arrival.
 */
export class TrackClock {
  readonly rate: number;
  readonly #session: SessionStart;
  readonly #timestamps = new RtpTimestamps();
  /** Added to unwrapped timestamps. */
  #shift: number | undefined;
  /** Seconds on the session's clock less the sender's wall clock, by its newest report. */
  #offset: number | undefined;
  #disagreements = 0;
  #aligned = false;

  /** `rate`: ticks a second. */
  constructor(rate: number, session: SessionStart) {
    this.rate = rate;
    this.#session = session;
  }

  ticks(timestamp: number, now: Instant): Ticks {
    const unwrapped = this.#timestamps.unwrap(timestamp);
    if (this.#shift === undefined) {
      this.#session.at ??= now;
      this.#shift = Math.round((between(this.#session.at, now) * this.rate) / 1000) - unwrapped;
    }
    return ticks(unwrapped + this.#shift);
  }

  /** Reports before the first packet say nothing: zero isn't known yet. */
  report({ timestamp, at }: SenderReport): void {
    if (this.#shift === undefined) return;
    const seconds = (this.#timestamps.peek(timestamp) + this.#shift) / this.rate;
    this.#offset = seconds - at / 1_000_000;
  }

  /**
   * Moves this track so that its reports agree with the other's. Returns by how many seconds, 0 for not at all, or `undefined` when
   * the reports can't belong together.
   */
  align(reference: TrackClock): number | undefined {
    if (this.#offset === undefined || reference.#offset === undefined || this.#shift === undefined) return 0;
    const error = this.#offset - reference.#offset;
    if (Math.abs(error) > mostSeconds) return undefined;
    if (Math.abs(error) <= toleranceSeconds) {
      this.#aligned = true;
      this.#disagreements = 0;
      return 0;
    }
    if (this.#aligned && ++this.#disagreements < disagreementsToMove) return 0;
    this.#aligned = true;
    this.#disagreements = 0;
    this.#shift -= Math.round(error * this.rate);
    this.#offset -= error;
    return -error;
  }
}
