import type { ServerName } from '../../units/ids.ts';
import { after, between, earliest, type Instant, latest, millis, never } from '../../units/time.ts';
import { type Captures, elapsed } from '../captures/captures.ts';
import type { SourceFailure } from '../captures/source-failure.ts';
import { whyLost } from '../captures/why-lost.ts';
import type { OwnLife } from '../knowledge/own-life.ts';
import type { Roster } from '../knowledge/roster.ts';
import { noClaim, type OwnClaim, type StreamState } from '../knowledge/stream-state.ts';
import type { Cause } from '../message/cause.ts';
import type { Claim } from '../message/claim.ts';
import type { Membership } from '../peers/membership.ts';
import { bounds } from '../step/bounds.ts';
import type { Turn } from '../step/turn.ts';

type Own<S extends OwnClaim['state']> = Extract<OwnClaim, { state: S }>;

/** A handover that was tried. */
interface Attempt {
  readonly from: ServerName;
  readonly since: Instant;
}

/**
 * The taker's side of a handover: the home's failback, and what a draining server offers. Never more at once than
 * `handovers`; a failed one is repeated ever more rarely.
 */
export class Taking {
  readonly #roster: Roster;
  readonly #life: OwnLife;
  readonly #membership: Membership;
  readonly #captures: Captures;
  readonly #sources: SourceFailure;
  readonly #random: () => number;
  /** Streams that another captures and this server should have. */
  readonly #wanted = new Set<StreamState>();
  #nextAt: Instant = never;

  constructor(parts: {
    readonly roster: Roster;
    readonly life: OwnLife;
    readonly membership: Membership;
    readonly captures: Captures;
    readonly sources: SourceFailure;
    readonly random: () => number;
  }) {
    this.#roster = parts.roster;
    this.#life = parts.life;
    this.#membership = parts.membership;
    this.#captures = parts.captures;
    this.#sources = parts.sources;
    this.#random = parts.random;
  }

  nextWake(): Instant {
    return this.#nextAt;
  }

  /** Remembers whether the stream, in which this server has no part, is one to be taken. */
  consider(stream: StreamState): void {
    if (stream.own.state === 'none' && this.#giver(stream) !== undefined) this.#wanted.add(stream);
    else this.#wanted.delete(stream);
  }

  forget(stream: StreamState): void {
    this.#wanted.delete(stream);
  }

  /** Begins as many handovers as there is room for. */
  begin(turn: Turn): void {
    this.#nextAt = never;
    if (this.#wanted.size === 0) return;
    let room = this.#roster.config.handovers - this.#underWay();
    for (const stream of this.#wanted) {
      if (room <= 0) return;
      const giver = this.#giver(stream);
      if (giver === undefined) continue;
      const at = this.#readyAt(stream, giver, turn.now);
      if (at > turn.now) {
        this.#nextAt = earliest(this.#nextAt, at);
        continue;
      }
      this.#wanted.delete(stream);
      this.#take(stream, giver.server, giver.offered ? 'drain' : 'returned', turn);
      room--;
    }
  }

  /** An input runs beside the giver's. */
  taking(stream: StreamState, own: Own<'taking'>, turn: Turn): Instant {
    const claim = this.#roster.claimOf(stream, own.from);
    if (claim?.phase !== 'capturing') return this.#giverGone(stream, own, turn);
    if (!this.#allowed()) return this.#desist(stream, own.from, turn);
    if (!this.#isMeant(stream, claim)) return this.#desist(stream, own.from, turn);
    const deadline = after(own.since, millis(stream.config.sourceTimeout + bounds.overlap));
    if (turn.now < deadline) return deadline;
    // With frames in hand it outlasts a giver of whom nobody hears: in a moment that one is dead, or speaks.
    if (own.frames && this.#isUnheard(own.from, turn.now)) return after(turn.now, bounds.pulse);
    return this.#fail(stream, own, own.frames ? 'found no common keyframe' : 'got no frames', turn);
  }

  /** Waits for the camera's only connection. */
  asking(stream: StreamState, own: Own<'asking'>, turn: Turn): Instant {
    const claim = this.#roster.claimOf(stream, own.from);
    if (claim === undefined) {
      this.#captures.become(stream, noClaim);
      return never;
    }
    if (!this.#allowed()) return this.#desist(stream, own.from, turn);
    if (claim.phase === 'capturing' && !this.#isMeant(stream, claim)) return this.#desist(stream, own.from, turn);
    if (claim.phase === 'released' && claim.to === this.#roster.self) {
      this.#captures.try(stream, own.cause, turn, own.from);
      return never;
    }
    const deadline = after(own.since, bounds.asking);
    return turn.now < deadline ? deadline : this.#fail(stream, own, 'was not heeded', turn);
  }

  /** Tries the camera that `from` released. */
  watchTry(stream: StreamState, own: Own<'trying'>, turn: Turn): Instant {
    const from = own.from;
    const claim = from === undefined ? undefined : this.#roster.claimOf(stream, from);
    if (from === undefined || claim === undefined) {
      // The giver is gone: nobody resumes, so this try is all there is.
      this.#captures.become(stream, { ...own, from: undefined });
      return never;
    }
    if (!this.#allowed()) return this.#desist(stream, from, turn);
    if (claim.phase === 'trying' || claim.phase === 'capturing') {
      return this.#fail(stream, { from, since: own.since }, 'was too slow, the giver resumed', turn);
    }
    const deadline = after(own.since, bounds.breakTry);
    return turn.now < deadline ? deadline : this.stalled(stream, turn);
  }

  /** The input of a handover gave no frames. */
  stalled(stream: StreamState, turn: Turn): Instant {
    const { own } = stream;
    if (own.state !== 'taking' && own.state !== 'trying') return never;
    if (own.from === undefined) return never;
    this.#sources.mark(stream, turn);
    return this.#fail(stream, { from: own.from, since: own.since }, 'got no frames', turn);
  }

  frames(stream: StreamState, own: Own<'taking'>): void {
    this.#captures.become(stream, { ...own, frames: true });
  }

  /** The timeline is adopted: from now on the giver may stop at any moment. */
  ready(stream: StreamState, own: Own<'taking'>, turn: Turn): void {
    this.#sources.found(stream, turn);
    this.succeeded(stream, own.from, own, turn);
    const { attempt, from } = own;
    this.#captures.become(stream, { state: 'capturing', attempt, since: turn.now, from, offer: undefined });
  }

  succeeded(
    stream: StreamState,
    from: ServerName,
    own: { readonly since: Instant; readonly cause: Cause },
    turn: Turn,
  ): void {
    stream.handoverFailures = 0;
    const tookMs = elapsed(own.since, turn.now);
    if (own.cause === 'returned') turn.notice({ kind: 'failback', stream: stream.name, from, tookMs });
    else turn.notice({ kind: 'handover', stream: stream.name, from, cause: own.cause, tookMs });
  }

  #take(stream: StreamState, from: ServerName, cause: Cause, turn: Turn): void {
    const source = this.#roster.claimOf(stream, from)?.source ?? 0;
    const matches = stream.config.unmatched?.includes(source) !== true;
    if (stream.config.handover === 'seamless' && matches) this.#captures.overlap(stream, from, cause, turn);
    else this.#captures.become(stream, { state: 'asking', since: turn.now, cause, from });
  }

  /** Who captures what this server should have: it is the home, or was offered it. */
  #giver(stream: StreamState): { server: ServerName; claim: Claim; offered: boolean } | undefined {
    const { self } = this.#roster;
    for (const [server, claim] of this.#roster.liveClaims(stream)) {
      if (claim.phase !== 'capturing' || !this.#isMeant(stream, claim)) continue;
      return { server, claim, offered: claim.to === self };
    }
    return undefined;
  }

  /** Offered to this server, or, being offered to nobody, for it as the home. */
  #isMeant(stream: StreamState, claim: Claim): boolean {
    const { self } = this.#roster;
    return claim.to === self || (claim.to === undefined && this.#roster.home(stream.name) === self);
  }

  #readyAt(stream: StreamState, giver: { server: ServerName; offered: boolean }, now: Instant): Instant {
    const peer = this.#roster.peers.get(giver.server);
    if (peer?.life !== 'alive' || !this.#allowed()) return never;
    const free = latest(stream.retryAt, stream.markedUntil ?? stream.retryAt);
    if (giver.offered) return free;
    if (this.#membership.drifting || this.#roster.own.status.penalized) return never;
    const flaps =
      Math.max(0, this.#life.restarts - 1) + Math.max(this.#life.isolations.lately(now), peer.returns.lately(now));
    const delay = Math.min(bounds.lastFailbackDelay, this.#roster.config.failbackDelay * 2 ** Math.min(flaps, 16));
    const stableSince = latest(this.#life.stableSince, peer.aliveSince);
    return latest(free, after(stableSince, millis(Math.max(delay, this.#roster.config.failbackDelay))));
  }

  #isUnheard(giver: ServerName, now: Instant): boolean {
    const peer = this.#roster.peers.get(giver);
    const heard = peer?.detector.lastHeard;
    return heard === undefined || between(heard, now) > (peer?.config.fetchTimeout ?? 0) + bounds.mostPollMargin;
  }

  #allowed(): boolean {
    return this.#membership.able.has(this.#roster.self);
  }

  /** Until the giver has let go, both have an input. */
  #underWay(): number {
    let count = 0;
    for (const { own } of this.#roster.engaged) {
      if (own.state === 'taking' || own.state === 'asking') count++;
      else if ((own.state === 'trying' || own.state === 'capturing') && own.from !== undefined) count++;
    }
    return count;
  }

  /** The giver died, or lost the source: what was a second input is the only one now. */
  #giverGone(stream: StreamState, own: Own<'taking'>, turn: Turn): Instant {
    const { attempt, from } = own;
    const cause = whyLost(this.#roster, stream, from) ?? 'source-lost';
    turn.notice({ kind: 'takeover', stream: stream.name, from, cause });
    if (own.frames) {
      this.#sources.found(stream, turn);
      this.#captures.become(stream, {
        state: 'capturing',
        attempt,
        since: turn.now,
        from: undefined,
        offer: undefined,
      });
      const standIn = this.#roster.home(stream.name) !== this.#roster.self;
      turn.notice({ kind: 'captured', stream: stream.name, standIn, cause, tookMs: elapsed(own.since, turn.now) });
    } else {
      const since = turn.now;
      this.#captures.become(stream, {
        state: 'trying',
        attempt,
        since,
        cause,
        from: undefined,
        neededSince: since,
        lapsed: false,
      });
    }
    return never;
  }

  /** The offer went to another, or was withdrawn, or this server is to take nothing any more: nobody failed. */
  #desist(stream: StreamState, peer: ServerName, turn: Turn): Instant {
    this.#captures.close(stream, { cause: 'drain', to: peer }, turn);
    return never;
  }

  #fail(stream: StreamState, attempt: Attempt, reason: string, turn: Turn): Instant {
    const peer = attempt.from;
    const tookMs = elapsed(attempt.since, turn.now);
    const retryIn = this.#pause(stream);
    stream.handoverFailures++;
    stream.retryAt = after(turn.now, retryIn);
    const retryInMs = Math.round(retryIn);
    turn.notice({ kind: 'handover-failed', stream: stream.name, peer, reason, tookMs, retryInMs });
    this.#captures.close(stream, { cause: 'returned', to: peer }, turn);
    return never;
  }

  /** Drawn within a quarter, so that streams that failed together don't come back together. */
  #pause(stream: StreamState) {
    const factor = stream.config.handover === 'break' ? bounds.breakPauseFactor : 1;
    const doubled = bounds.firstHandoverPause * 2 ** Math.min(stream.handoverFailures, 20);
    return millis(Math.min(bounds.lastHandoverPause, doubled) * factor * (0.75 + 0.5 * this.#random()));
  }
}
