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
 * first has the time of its arrival. Then the one that follows is moved, never the one that leads.
 */
export class TrackClock {
  readonly rate: number;
  readonly #session: SessionStart;
  readonly #timestamps = new RtpTimestamps();
  /** Added to unwrapped timestamps; unknown before the first packet. */
  #shift: number | undefined;
  /** A report that came before the first packet. */
  #early: SenderReport | undefined;
  /** Seconds on the session's clock less the sender's wall clock, by its newest report. */
  #offset: number | undefined;
  #leader: TrackClock | undefined;
  #follower: TrackClock | undefined;
  #onUnrelated: () => void = () => {};
  #disagreements = 0;
  #aligned = false;

  /** `rate`: ticks a second. */
  constructor(rate: number, session: SessionStart) {
    this.rate = rate;
    this.#session = session;
  }

  /** From now on reports move this track to where it belongs beside the other. `onUnrelated`: they can't belong together. */
  follow(leader: TrackClock, onUnrelated: () => void): void {
    this.#leader = leader;
    this.#onUnrelated = onUnrelated;
    leader.#follower = this;
  }

  ticks(timestamp: number, now: Instant): Ticks {
    const unwrapped = this.#timestamps.unwrap(timestamp);
    if (this.#shift === undefined) this.#begin(unwrapped, now);
    return ticks(unwrapped + (this.#shift ?? 0));
  }

  report(report: SenderReport): void {
    if (this.#shift === undefined) {
      this.#early = report;
      return;
    }
    const seconds = (this.#timestamps.peek(report.timestamp) + this.#shift) / this.rate;
    this.#offset = seconds - report.at / 1_000_000;
    // Aligned once, only the follower's reports are judged: one in a round, against the leader's of the same round.
    if (this.#follower === undefined) this.#align();
    else if (!this.#follower.#aligned) this.#follower.#align();
  }

  #begin(unwrapped: Ticks, now: Instant): void {
    this.#session.at ??= now;
    this.#shift = Math.round((between(this.#session.at, now) * this.rate) / 1000) - unwrapped;
    if (this.#early !== undefined) this.report(this.#early);
  }

  #align(): void {
    const led = this.#leader === undefined ? undefined : this.#leader.#offset;
    if (this.#offset === undefined || led === undefined) return;
    const error = this.#offset - led;
    if (Math.abs(error) > mostSeconds) {
      this.#onUnrelated();
      return;
    }
    const agrees = Math.abs(error) <= toleranceSeconds;
    this.#disagreements = agrees ? 0 : this.#disagreements + 1;
    if (!agrees && (!this.#aligned || this.#disagreements >= disagreementsToMove)) this.#move(-error);
    this.#aligned = true;
  }

  #move(seconds: number): void {
    this.#shift = (this.#shift ?? 0) + Math.round(seconds * this.rate);
    this.#offset = (this.#offset ?? 0) + seconds;
    this.#disagreements = 0;
  }
}
