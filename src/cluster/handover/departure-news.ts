import { between, type Instant } from '../../units/time.ts';
import type { Roster } from '../knowledge/roster.ts';
import type { Cause } from '../message/cause.ts';
import type { Turn } from '../step/turn.ts';

interface Drain {
  readonly cause: Cause;
  readonly since: Instant;
  /** Streams that were closed because nobody took them. */
  abandoned: number;
  /** Its end was told; it goes on until the operator ends it or the process leaves. */
  told: boolean;
}

/** What the operator is told of a drain by the server that drains: that it begins, and when there is nothing more to wait for. */
export class DepartureNews {
  readonly #roster: Roster;
  #drain: Drain | undefined;

  constructor(roster: Roster) {
    this.#roster = roster;
  }

  begin(cause: Cause, turn: Turn): void {
    this.#drain = { cause, since: turn.now, abandoned: 0, told: false };
    turn.notice({ kind: 'drain', cause, streams: this.#roster.engaged.size });
  }

  abandoned(): void {
    if (this.#drain !== undefined) this.#drain.abandoned++;
  }

  /** `hope`: somebody may still take something. */
  look(hope: () => boolean, turn: Turn): void {
    const drain = this.#drain;
    if (drain === undefined || drain.told) return;
    const staying = this.#roster.engaged.size;
    // Who leaves waits for the last of them, or abandons it.
    if (staying > 0 && (drain.cause !== 'operator' || hope())) return;
    drain.told = true;
    const left = staying + drain.abandoned;
    turn.notice({ kind: 'drained', cause: drain.cause, left, tookMs: elapsed(drain.since, turn) });
  }

  end(turn: Turn): void {
    if (this.#drain === undefined) return;
    turn.notice({ kind: 'undrain', drainedMs: elapsed(this.#drain.since, turn) });
    this.#drain = undefined;
  }
}

function elapsed(since: Instant, turn: Turn): number {
  return Math.round(between(since, turn.now));
}
