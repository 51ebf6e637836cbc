import type { ServerName } from '../../units/ids.ts';
import { after, type Instant, type Millis, millis } from '../../units/time.ts';
import type { Roster } from '../knowledge/roster.ts';
import type { StreamState } from '../knowledge/stream-state.ts';
import type { Membership } from '../peers/membership.ts';
import { bounds } from '../step/bounds.ts';

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
    const placement = this.#roster.countingPlacement(stream.name);
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

  /** The first of `ranked`, cheaply when nobody has failed: this is asked of every stream whenever the members change. */
  best(stream: StreamState): ServerName | undefined {
    const { willing } = this.#membership;
    if (willing.size === 0 || this.#anyFailed(stream)) return this.ranked(stream)[0];
    const home = this.#roster.agreedHome(stream.name);
    if (home !== undefined && willing.has(home)) return home;
    return this.#roster.countingPlacement(stream.name).standIn(stream.name, willing) ?? this.ranked(stream)[0];
  }

  #anyFailed(stream: StreamState): boolean {
    if (stream.failures > 0 || stream.markedUntil !== undefined) return true;
    for (const { failures, marked } of stream.others.values()) if (failures > 0 || marked) return true;
    return false;
  }

  failures(stream: StreamState, server: ServerName): number {
    return server === this.#roster.self ? stream.failures : (stream.others.get(server)?.failures ?? 0);
  }

  #isMarked(stream: StreamState, server: ServerName): boolean {
    return server === this.#roster.self ? stream.markedUntil !== undefined : stream.others.get(server)?.marked === true;
  }

  /** When the best may start a stream that is unclaimed since then: after all have failed, not before a pause. */
  bestTurn(stream: StreamState, best: ServerName | undefined, since: Instant): Instant {
    return after(since, probePause(best === undefined ? 0 : this.failures(stream, best)));
  }

  /** When the server of this rank starts it because those before it, for whatever reason, did not. */
  staggeredTurn(bestTurn: Instant, rank: number): Instant {
    return after(bestTurn, millis(bounds.staggerFirst + (rank - 1) * bounds.staggerNext));
  }
}

function probePause(rounds: number): Millis {
  if (rounds === 0) return millis(0);
  return millis(Math.min(bounds.lastProbePause, bounds.firstProbePause * 2 ** Math.min(rounds - 1, 20)));
}
