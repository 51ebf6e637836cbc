import { between, type Instant } from '../../units/time.ts';
import type { Roster } from '../knowledge/roster.ts';
import type { StreamState } from '../knowledge/stream-state.ts';
import type { Cause } from '../message/cause.ts';
import type { Turn } from '../step/turn.ts';

interface Drain {
  readonly cause: Cause;
  readonly since: Instant;
  /** How many of its streams were closed because nobody took them. */
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
    turn.notice({ kind: 'drain', cause, streams: this.#held() });
  }

  /** The stream is closed for nobody. */
  abandons(stream: StreamState): void {
    if (this.#drain !== undefined && isHeld(stream)) this.#drain.abandoned++;
  }

  /** `hope`: somebody may still take something. */
  look(hope: () => boolean, turn: Turn): void {
    const drain = this.#drain;
    if (drain === undefined || drain.told) return;
    const staying = this.#roster.engaged.size;
    // Who leaves waits for the last of them, or abandons it.
    if (staying > 0 && (drain.cause !== 'operator' || hope())) return;
    drain.told = true;
    const left = this.#held() + drain.abandoned;
    turn.notice({ kind: 'drained', cause: drain.cause, left, tookMs: elapsed(drain.since, turn) });
  }

  #held(): number {
    return [...this.#roster.engaged].filter(isHeld).length;
  }

  end(turn: Turn): void {
    if (this.#drain === undefined) return;
    turn.notice({ kind: 'undrain', drainedMs: elapsed(this.#drain.since, turn) });
    this.#drain = undefined;
  }
}

/** It is this server's to give away; what it was about to take stays where it is. */
function isHeld({ own }: StreamState): boolean {
  return own.state === 'capturing' || own.state === 'trying' || own.state === 'released';
}

function elapsed(since: Instant, turn: Turn): number {
  return Math.round(between(since, turn.now));
}
