import type { ServerName } from '../../units/ids.ts';
import { after, type Instant, millis, never } from '../../units/time.ts';
import type { Captures } from '../captures/captures.ts';
import type { SourceFailure } from '../captures/source-failure.ts';
import type { Giving } from '../handover/giving.ts';
import type { Taking } from '../handover/taking.ts';
import type { Roster } from '../knowledge/roster.ts';
import type { OwnClaim, StreamState } from '../knowledge/stream-state.ts';
import { type Claim, standsBefore } from '../message/claim.ts';
import type { Membership } from '../peers/membership.ts';
import { bounds } from '../step/bounds.ts';
import type { Turn } from '../step/turn.ts';

type Own<S extends OwnClaim['state']> = Extract<OwnClaim, { state: S }>;

/** A stream that this server tries to capture or captures: gives way to whom it must. */
export class HeldStream {
  readonly #roster: Roster;
  readonly #membership: Membership;
  readonly #captures: Captures;
  readonly #sources: SourceFailure;
  readonly #taking: Taking;
  readonly #giving: Giving;

  constructor(parts: {
    readonly roster: Roster;
    readonly membership: Membership;
    readonly captures: Captures;
    readonly sources: SourceFailure;
    readonly taking: Taking;
    readonly giving: Giving;
  }) {
    this.#roster = parts.roster;
    this.#membership = parts.membership;
    this.#captures = parts.captures;
    this.#sources = parts.sources;
    this.#taking = parts.taking;
    this.#giving = parts.giving;
  }

  trying(stream: StreamState, own: Own<'trying'>, turn: Turn): Instant {
    if (this.#roster.own.status.minority) return this.#leaveToMajority(stream, turn);
    if (own.from !== undefined) return this.#taking.watchTry(stream, own, turn);
    const other = this.#capturing(stream);
    if (other !== undefined) return this.#giveWay(stream, other, turn);
    // It has nothing to hand over; whoever is next starts anew.
    if (this.#roster.own.status.draining && this.#someoneElse()) {
      this.#captures.close(stream, { cause: 'drain' }, turn);
      return never;
    }
    if (own.lapsed) {
      this.#sources.yieldTurn(stream, turn);
      return never;
    }
    const deadline = after(own.since, millis(stream.config.sourceTimeout + bounds.sourceMargin));
    if (turn.now < deadline) return deadline;
    this.#sources.failed(stream, `no frames in ${stream.config.sourceTimeout / 1000} s`, turn);
    return never;
  }

  capturing(stream: StreamState, own: Own<'capturing'>, turn: Turn): Instant {
    if (this.#roster.own.status.minority) return this.#leaveToMajority(stream, turn);
    for (const [server, claim] of this.#roster.liveClaims(stream)) {
      if (claim.phase !== 'capturing') continue;
      if (this.#isSuccessor(claim, server, own)) {
        this.#giving.handedOver(stream, server, claim, turn);
        return never;
      }
      const mineByAgreement = own.from === server && claim.from !== this.#roster.self;
      if (!mineByAgreement && standsBefore(stream.name, server, this.#roster.self)) {
        turn.notice({ kind: 'duplicate-stopped', stream: stream.name, keptBy: server });
        return this.#giveWay(stream, server, turn);
      }
    }
    if (own.from !== undefined && !this.#stillHolds(stream, own.from)) {
      this.#captures.become(stream, { ...own, from: undefined });
      return never;
    }
    return this.#giving.watch(stream, own, turn);
  }

  /** Took it over from us by agreement; if each says so of the other, names decide. */
  #isSuccessor(claim: Claim, server: ServerName, own: Own<'capturing'>): boolean {
    return claim.from === this.#roster.self && own.from !== server;
  }

  #stillHolds(stream: StreamState, giver: ServerName): boolean {
    const phase = this.#roster.claimOf(stream, giver)?.phase;
    return phase === 'capturing' || phase === 'releasing' || phase === 'released';
  }

  #capturing(stream: StreamState): ServerName | undefined {
    for (const [server, claim] of this.#roster.liveClaims(stream)) if (claim.phase === 'capturing') return server;
    return undefined;
  }

  #someoneElse(): boolean {
    return this.#membership.able.size > 0;
  }

  #giveWay(stream: StreamState, to: ServerName, turn: Turn): Instant {
    this.#captures.close(stream, { cause: 'duplicate', to }, turn);
    return never;
  }

  #leaveToMajority(stream: StreamState, turn: Turn): Instant {
    this.#captures.close(stream, { cause: 'partition' }, turn);
    return never;
  }
}
