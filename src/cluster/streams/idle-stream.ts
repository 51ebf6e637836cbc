import type { ServerName } from '../../units/ids.ts';
import { after, type Instant, latest, never } from '../../units/time.ts';
import type { Candidates } from '../captures/candidates.ts';
import type { Captures } from '../captures/captures.ts';
import { darkSince } from '../captures/source-failure.ts';
import { whyLost } from '../captures/why-lost.ts';
import type { OwnLife } from '../knowledge/own-life.ts';
import type { Roster } from '../knowledge/roster.ts';
import type { StreamState } from '../knowledge/stream-state.ts';
import type { Cause } from '../message/cause.ts';
import { possesses } from '../message/claim.ts';
import type { Membership } from '../peers/membership.ts';
import { bounds } from '../step/bounds.ts';
import type { Turn } from '../step/turn.ts';

/** A stream in which this server has no part: starts it when it is unclaimed and this server's turn. */
export class IdleStream {
  readonly #roster: Roster;
  readonly #life: OwnLife;
  readonly #membership: Membership;
  readonly #candidates: Candidates;
  readonly #captures: Captures;

  constructor(roster: Roster, life: OwnLife, membership: Membership, candidates: Candidates, captures: Captures) {
    this.#roster = roster;
    this.#life = life;
    this.#membership = membership;
    this.#candidates = candidates;
    this.#captures = captures;
  }

  /** Returns when to look again. */
  look(stream: StreamState, turn: Turn): Instant {
    if (this.#isClaimed(stream)) {
      stream.unclaimedSince = undefined;
      return never;
    }
    stream.unclaimedSince ??= turn.now;
    if (this.#hasFailures(stream)) stream.lostSince ??= darkSince(stream, turn.now);
    if (!this.#membership.able.has(this.#roster.self)) return never;
    const best = this.#hadIt(stream, turn.now) ? this.#roster.self : this.#candidates.best(stream);
    const at = latest(this.#turnAt(stream, best, stream.unclaimedSince, turn.now), this.#graceUntil(stream, turn.now));
    if (at > turn.now) return at;
    this.#begin(stream, best === this.#roster.self, turn);
    return never;
  }

  /** The ranks behind the best are found out only when the first of them would start. */
  #turnAt(stream: StreamState, best: ServerName | undefined, since: Instant, now: Instant): Instant {
    const bestTurn = this.#candidates.bestTurn(stream, best, since);
    if (best === this.#roster.self) return bestTurn;
    const second = this.#candidates.staggeredTurn(bestTurn, 1);
    if (now < second) return second;
    const rank = this.#candidates.ranked(stream).indexOf(this.#roster.self);
    return this.#candidates.staggeredTurn(bestTurn, Math.max(1, rank));
  }

  #isClaimed(stream: StreamState): boolean {
    for (const [, claim] of this.#roster.liveClaims(stream)) if (possesses(claim)) return true;
    return false;
  }

  #begin(stream: StreamState, isBest: boolean, turn: Turn): void {
    const cause = isBest ? this.#cause(stream, turn.now) : 'unclaimed';
    const { lastOwner, lastWithFrames: from } = stream;
    const isOthers = lastOwner !== undefined && lastOwner !== this.#roster.self;
    // Others may have tried in vain since then; what this server itself had last is nobody else's, and what nobody had is taken from nobody.
    if (isOthers && from !== undefined && from !== this.#roster.self) {
      turn.notice({ kind: 'takeover', stream: stream.name, from, cause });
    }
    this.#captures.try(stream, cause, turn);
  }

  #hadIt(stream: StreamState, now: Instant): boolean {
    const settledAt = this.#life.settledAt;
    return (
      settledAt !== undefined && now < after(settledAt, bounds.graceForReturning) && this.#life.had.has(stream.name)
    );
  }

  /** What a returning server had, and what it is the home of, is left to it for a moment (docs/decisions/016). */
  #graceUntil(stream: StreamState, now: Instant): Instant {
    let until = this.#life.bootedAt;
    const settledAt = this.#life.settledAt ?? until;
    const home = this.#roster.agreedHome(stream.name);
    for (const peer of this.#roster.peers.values()) {
      if (!peer.live || (peer.name !== home && !peer.had.has(stream.name))) continue;
      const settled = peer.status?.settled === true;
      // A settled home that does not want its stream won't change its mind within the grace.
      if (peer.name === home && settled && !peer.had.has(stream.name)) continue;
      if (peer.restarts.lately(now) > bounds.freeRestarts) continue;
      until = latest(until, after(latest(peer.firstWordAt, settledAt), bounds.graceForReturning));
    }
    return until;
  }

  #cause(stream: StreamState, now: Instant): Cause {
    if (this.#hadIt(stream, now)) return 'restarted';
    const { lastOwner } = stream;
    if (lastOwner === undefined) return 'assigned';
    return whyLost(this.#roster, stream, lastOwner) ?? (this.#hasFailures(stream) ? 'source-lost' : 'unclaimed');
  }

  #hasFailures(stream: StreamState): boolean {
    return stream.failures > 0 || [...stream.others.values()].some((standing) => standing.failures > 0);
  }
}
