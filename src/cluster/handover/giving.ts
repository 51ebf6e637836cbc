import type { ServerName } from '../../units/ids.ts';
import { after, earliest, type Instant, never } from '../../units/time.ts';
import type { Candidates } from '../captures/candidates.ts';
import { type Captures, elapsed } from '../captures/captures.ts';
import type { Roster } from '../knowledge/roster.ts';
import { noClaim, type Offer, type OwnClaim, type StreamState } from '../knowledge/stream-state.ts';
import type { Cause } from '../message/cause.ts';
import type { Claim } from '../message/claim.ts';
import type { Membership } from '../peers/membership.ts';
import { bounds } from '../step/bounds.ts';
import type { Turn } from '../step/turn.ts';

type Own<S extends OwnClaim['state']> = Extract<OwnClaim, { state: S }>;

/** The giver's side of a handover: lets go when the taker has frames, frees a camera on request, offers streams while draining. */
export class Giving {
  readonly #roster: Roster;
  readonly #membership: Membership;
  readonly #candidates: Candidates;
  readonly #captures: Captures;

  constructor(roster: Roster, membership: Membership, candidates: Candidates, captures: Captures) {
    this.#roster = roster;
    this.#membership = membership;
    this.#candidates = candidates;
    this.#captures = captures;
  }

  /** The taker has frames on our timeline: our input is no longer needed. */
  handedOver(stream: StreamState, to: ServerName, claim: Claim, turn: Turn): void {
    const { own } = stream;
    const offer = own.state === 'capturing' ? own.offer : undefined;
    const cause: Cause = offer === undefined ? 'returned' : 'drain';
    const tookMs = elapsed(offer?.since ?? claim.since, turn.now);
    turn.notice({ kind: 'given', stream: stream.name, to, cause, tookMs });
    this.#captures.close(stream, { cause, to }, turn);
  }

  /** A capture that nobody disputes: heeds a request for its camera, minds its offer. */
  watch(stream: StreamState, own: Own<'capturing'>, turn: Turn): Instant {
    for (const [server, claim] of this.#roster.liveClaims(stream)) {
      if (claim.phase !== 'asking' || claim.from !== this.#roster.self) continue;
      if (!this.#maySwitchTo(stream, own, server)) continue;
      const cause = own.offer === undefined ? 'returned' : 'drain';
      this.#captures.close(stream, { cause, to: server, watch: true }, turn);
      return never;
    }
    return own.offer === undefined ? never : this.#watchOffer(stream, own, own.offer, turn);
  }

  /** The input is being closed. */
  closing(stream: StreamState, own: Own<'closing'>, turn: Turn): Instant {
    const deadline = after(own.since, bounds.closing);
    if (turn.now < deadline) return deadline;
    this.closed(stream, own, turn);
    return never;
  }

  closed(stream: StreamState, own: Own<'closing'>, turn: Turn): void {
    if (own.watch && own.to !== undefined) {
      this.#captures.become(stream, { state: 'released', since: turn.now, to: own.to, cause: own.cause });
    } else {
      this.#captures.become(stream, noClaim);
    }
  }

  /** The camera is free for the taker: resumes unless frames come. */
  released(stream: StreamState, own: Own<'released'>, turn: Turn): Instant {
    for (const [server, claim] of this.#roster.liveClaims(stream)) {
      if (claim.phase !== 'capturing') continue;
      turn.notice({
        kind: 'given',
        stream: stream.name,
        to: server,
        cause: own.cause,
        tookMs: elapsed(own.since, turn.now),
      });
      this.#captures.become(stream, noClaim);
      return never;
    }
    const claim = this.#roster.claimOf(stream, own.to);
    const deadline = after(own.since, bounds.breakResume);
    if (claim !== undefined && turn.now < deadline) return deadline;
    this.#notTaken(stream, own.to, turn);
    this.#captures.become(stream, noClaim);
    // While draining, the next candidate starts it, as anything that nobody captures.
    const draining = this.#roster.own.status.draining && this.#membership.able.size > 0;
    if (!draining) this.#captures.try(stream, 'unclaimed', turn);
    return never;
  }

  /** Draining: offers streams to their best candidates, `handovers` at a time. Returns when to look again. */
  offer(turn: Turn): Instant {
    let room = this.#roster.config.handovers;
    for (const { own } of this.#roster.engaged) if (isUnderWay(own)) room--;
    let next = never;
    for (const stream of this.#unoffered()) {
      if (room <= 0) break;
      const { own } = stream;
      if (own.state !== 'capturing') continue;
      const to = this.#taker(stream, turn.now);
      if (to === undefined) {
        for (const until of stream.notTakenBy.values()) next = earliest(next, until);
        continue;
      }
      this.#captures.become(stream, { ...own, offer: { to, since: turn.now, taken: false } });
      room--;
    }
    return next;
  }

  /** Is anything still to come of offering? What was offered in vain once is hopeless, or has waited long enough. */
  hasHope(now: Instant): boolean {
    return [...this.#roster.engaged].some((stream) => {
      const { own } = stream;
      if (own.state === 'closing' || own.state === 'released') return true;
      if (own.state !== 'capturing' || stream.notTaken > 0) return false;
      return own.offer !== undefined || this.#taker(stream, now) !== undefined;
    });
  }

  withdrawOffers(): void {
    for (const stream of this.#roster.engaged) {
      const { own } = stream;
      stream.notTaken = 0;
      if (own.state === 'capturing' && own.offer !== undefined) {
        this.#captures.become(stream, { ...own, offer: undefined });
      }
    }
  }

  /** A camera that nobody else can connect to must not keep the others from being given away. */
  #unoffered(): StreamState[] {
    return [...this.#roster.engaged]
      .filter(({ own }) => own.state === 'capturing' && own.offer === undefined && own.from === undefined)
      .sort((a, b) => a.notTaken - b.notTaken);
  }

  /** Would anybody take it? */
  #taker(stream: StreamState, now: Instant): ServerName | undefined {
    for (const [server, until] of stream.notTakenBy) if (until <= now) stream.notTakenBy.delete(server);
    return this.#candidates
      .ranked(stream)
      .find(
        (server) =>
          server !== this.#roster.self &&
          this.#roster.peers.get(server)?.life === 'alive' &&
          stream.others.get(server)?.marked !== true &&
          !stream.notTakenBy.has(server),
      );
  }

  /** Only to the home, or to whom it was offered; a home by another configuration is no home. */
  #maySwitchTo(stream: StreamState, own: Own<'capturing'>, server: ServerName): boolean {
    if (own.offer !== undefined) return own.offer.to === server;
    return this.#roster.home(stream.name) === server && !this.#membership.drifting;
  }

  #watchOffer(stream: StreamState, own: Own<'capturing'>, offer: Offer, turn: Turn): Instant {
    const claim = this.#roster.claimOf(stream, offer.to);
    const begun = claim !== undefined && claim.from === this.#roster.self;
    if (begun) {
      if (!offer.taken) this.#captures.become(stream, { ...own, offer: { ...offer, taken: true } });
      return never;
    }
    const deadline = after(offer.since, bounds.offer);
    const able = this.#membership.able.has(offer.to);
    if (able && !offer.taken && turn.now < deadline) return deadline;
    this.#notTaken(stream, offer.to, turn);
    this.#captures.become(stream, { ...own, offer: undefined });
    return never;
  }

  #notTaken(stream: StreamState, by: ServerName, turn: Turn): void {
    stream.notTakenBy.set(by, after(turn.now, bounds.offerAgain));
    stream.notTaken++;
  }
}

function isUnderWay(own: OwnClaim): boolean {
  return (
    (own.state === 'capturing' && own.offer !== undefined) ||
    (own.state === 'closing' && own.watch) ||
    own.state === 'released'
  );
}
