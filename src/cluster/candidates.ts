import type { ServerName } from '../units/ids.ts';
import { after, type Instant, millis } from '../units/time.ts';
import { bounds } from './bounds.ts';
import type { Membership } from './membership.ts';
import type { Roster } from './roster.ts';
import type { StreamState } from './stream-state.ts';

/** Who should capture a stream that nobody captures, and when it is whose turn. */
export class Candidates {
  readonly #roster: Roster;
  readonly #membership: Membership;

  constructor(roster: Roster, membership: Membership) {
    this.#roster = roster;
    this.#membership = membership;
  }

  /**
   * All who may, best first: who failed least in this outage, then who did not fail lately, then who is not penalized for
   * restarts, then home, stand-in, and the rest by hash. When all have failed, each try makes its server the last: they
   * probe in rotation, home first.
   */
  ranked(stream: StreamState): ServerName[] {
    const { placement } = this.#roster;
    const willing = this.#membership.willing;
    const home = this.#roster.agreedHome(stream.name);
    const standIn = placement.standIn(stream.name, willing);
    const rank = (server: ServerName): number => (server === home ? 2 : server === standIn ? 1 : 0);
    const score = (server: ServerName): number => placement.score(stream.name, server);
    return [...this.#membership.able].sort(
      (a, b) =>
        this.failures(stream, a) - this.failures(stream, b) ||
        Number(this.#isMarked(stream, a)) - Number(this.#isMarked(stream, b)) ||
        Number(willing.has(b)) - Number(willing.has(a)) ||
        rank(b) - rank(a) ||
        score(b) - score(a) ||
        (a < b ? -1 : 1),
    );
  }

  failures(stream: StreamState, server: ServerName): number {
    return server === this.#roster.self ? stream.failures : (stream.others.get(server)?.failures ?? 0);
  }

  #isMarked(stream: StreamState, server: ServerName): boolean {
    return server === this.#roster.self ? stream.markedUntil !== undefined : stream.others.get(server)?.marked === true;
  }

  /** When the server of this rank starts a stream that is unclaimed since then: after all failed, not before a pause. */
  turnOf(stream: StreamState, ranked: readonly ServerName[], position: number, since: Instant): Instant {
    const best = ranked[0];
    const rounds = best === undefined ? 0 : this.failures(stream, best);
    const stagger = position === 0 ? 0 : bounds.staggerFirst + (position - 1) * bounds.staggerNext;
    return after(since, millis(probePause(rounds) + stagger));
  }
}

function probePause(rounds: number): number {
  if (rounds === 0) return 0;
  return Math.min(bounds.lastProbePause, bounds.firstProbePause * 2 ** Math.min(rounds - 1, 20));
}
