import type { ServerName } from '../../units/ids.ts';
import { after, between, earliest, type Instant, never } from '../../units/time.ts';
import type { Life } from '../knowledge/fault-detector.ts';
import type { OwnLife } from '../knowledge/own-life.ts';
import type { Peer } from '../knowledge/peer.ts';
import type { Roster } from '../knowledge/roster.ts';
import type { Cause } from '../message/cause.ts';
import { mayCapture } from '../message/server-status.ts';
import type { Turn } from '../step/turn.ts';
import { Drift } from './drift.ts';
import { PeerNews } from './peer-news.ts';

/** How a peer was judged at the last look. */
interface Judged {
  readonly life: Life;
  readonly incarnation: Peer['incarnation'];
  readonly draining: boolean;
}

/** What a peer says of another one that it holds for dead. */
interface Death {
  readonly dead: Cause;
  readonly incarnation: Peer['incarnation'];
}

/** Who lives, who may capture, who wants to; settles the boot. Looked at once a step; says when something changed. */
export class Membership {
  readonly #roster: Roster;
  readonly #life: OwnLife;
  readonly #judged = new Map<ServerName, Judged>();
  readonly #news: PeerNews;
  #signature = '';
  readonly #drift: Drift;
  /** Live servers that may capture what nobody captures, this one included. */
  #able: ReadonlySet<ServerName> = new Set();
  /** Of those, the ones that want to. */
  #willing: ReadonlySet<ServerName> = new Set();

  constructor(roster: Roster, life: OwnLife) {
    this.#roster = roster;
    this.#life = life;
    this.#news = new PeerNews(life);
    this.#drift = new Drift(roster);
  }

  get able(): ReadonlySet<ServerName> {
    return this.#able;
  }

  get willing(): ReadonlySet<ServerName> {
    return this.#willing;
  }

  /** Live servers run other configurations: nothing that works is moved. */
  get drifting(): boolean {
    return this.#drift.differing.length > 0;
  }

  /** Judges everybody; true when any decision about streams may come out differently now. */
  update(turn: Turn): boolean {
    for (const peer of this.#roster.peers.values()) this.#judge(peer, turn);
    this.#settle(turn);
    const { minority } = this.#roster.own.status;
    this.#describeSelf(turn.now);
    this.#tellMinority(minority, turn);
    this.#drift.look(turn);
    if (!this.drifting) this.#roster.agreedPlacement = this.#roster.placement;
    this.#collect();
    return this.#changed();
  }

  nextWake(now: Instant): Instant {
    let next = never;
    for (const peer of this.#roster.peers.values()) {
      next = earliest(next, peer.detector.nextChange(now, peer.config.staleTimeout) ?? never);
      if (!this.#life.settled) next = earliest(next, this.#patienceEnds(peer));
    }
    const { penaltyUntil } = this.#life;
    if (penaltyUntil > now) next = earliest(next, penaltyUntil);
    return next;
  }

  forget(peer: ServerName): void {
    this.#judged.delete(peer);
    this.#news.forget(peer);
  }

  #judge(peer: Peer, turn: Turn): void {
    const { now } = turn;
    const before = this.#judged.get(peer.name);
    const life = peer.detector.judge(now, peer.config.staleTimeout);
    const wasLive = peer.live;
    peer.life = life;
    if (peer.live && !wasLive) peer.aliveSince = now;
    if (life === 'dead' && before?.life !== 'dead') this.#roster.voidClaims(peer);
    if (before?.life === 'dead' && peer.live && before.incarnation === peer.incarnation) this.#returned(peer, now);
    const draining = peer.live && peer.status?.draining === true;
    const judged: Judged = { life, incarnation: peer.incarnation, draining };
    this.#judged.set(peer.name, judged);
    this.#news.look(peer, turn);
    if (before?.life !== life) this.#roster.own.touch();
    if ((before?.draining ?? false) !== draining) turn.notice({ kind: 'server-draining', server: peer.name, draining });
  }

  /** Silence that was no death: who was away, it or this server, can't be known. */
  #returned(peer: Peer, now: Instant): void {
    peer.returns.add(now);
    peer.had = new Set();
    const { peers } = this.#roster;
    const others = [...peers.values()].filter((other) => other !== peer);
    if (others.every((other) => !other.live)) {
      this.#life.isolations.add(now);
      this.#life.stableSince = now;
    }
  }

  /** See docs/decisions/016. A refusal settles nothing: a group that starts together would let the first take everything. */
  #settle(turn: Turn): void {
    // Nobody hears a life that is outlived: what it took, others would take too.
    if (this.#life.settled || this.#life.outlivedBy !== undefined) return;
    const peers = [...this.#roster.peers.values()];
    const declared = new Map(peers.map((peer) => [peer, this.#declaredDead(peer)]));
    const waitedFor = (peer: Peer): boolean => turn.now >= this.#patienceEnds(peer);
    const known = (peer: Peer): boolean => waitedFor(peer) || isHeard(peer) || declared.get(peer) !== undefined;
    if (!peers.every(known)) return;
    for (const peer of peers) {
      const verdict = declared.get(peer);
      if (verdict === undefined || isHeard(peer)) continue;
      // A goodbye is final for its life, so it must be known which one that was.
      peer.incarnation = verdict.incarnation;
      peer.detector.died(verdict.dead, turn.now);
      this.#judge(peer, turn);
    }
    this.#life.settle(turn.now);
    const missing = peers.filter((peer) => !peer.live).map((peer) => peer.name);
    turn.notice({ kind: 'settled', afterMs: Math.round(between(this.#life.bootedAt, turn.now)), missing });
    this.#news.begin(peers, (peer) => declared.get(peer) !== undefined, turn);
  }

  /** A boot waits no longer for a peer, dead or only heard through others. */
  #patienceEnds(peer: Peer): Instant {
    return after(this.#life.bootedAt, peer.config.staleTimeout);
  }

  /** Why a settled live peer holds this one, of whom we have no word, for dead; of a life before the one that others hear it says nothing. */
  #declaredDead(peer: Peer): Death | undefined {
    for (const other of this.#roster.peers.values()) {
      if (other.life !== 'alive' || other.status?.settled !== true) continue;
      const { dead, incarnation } = other.verdicts.get(peer.name) ?? {};
      if (dead === undefined || (incarnation ?? 0) < (peer.incarnation ?? 0)) continue;
      return { dead, incarnation };
    }
    return undefined;
  }

  #describeSelf(now: Instant): void {
    const life = this.#life;
    this.#roster.own.setStatus({
      settled: life.settled,
      draining: life.draining || life.leaving !== undefined,
      leaving: life.gone,
      penalized: life.penaltyUntil > now,
      minority: life.settled && this.#isMinority(),
      digest: this.#roster.config.digest,
      ...(life.born !== undefined && { born: life.born }),
    });
  }

  /** Tells when this server comes to be on the smaller side, or is no longer. */
  #tellMinority(before: boolean, turn: Turn): void {
    const { minority } = this.#roster.own.status;
    if (minority === before) return;
    const away = [...this.#roster.peers.values()].filter((peer) => !peer.live).map((peer) => peer.name);
    turn.notice({ kind: 'minority', begins: minority, away });
  }

  /** Of an even split, the side with the first server by name goes on. Who said goodbye is on no side. */
  #isMinority(): boolean {
    if (this.#roster.config.partition !== 'majority') return false;
    const here: ServerName[] = [this.#roster.self];
    const away: ServerName[] = [];
    for (const peer of this.#roster.peers.values()) {
      if (peer.live) here.push(peer.name);
      else if (peer.detector.causeOfDeath !== 'leave') away.push(peer.name);
    }
    if (here.length !== away.length) return here.length < away.length;
    const first = [...here, ...away].sort()[0];
    return first !== undefined && away.includes(first);
  }

  #collect(): void {
    const able = new Set<ServerName>();
    const willing = new Set<ServerName>();
    const consider = (server: ServerName, status: Peer['status']): void => {
      if (status === undefined || !mayCapture(status)) return;
      able.add(server);
      if (!status.penalized) willing.add(server);
    };
    consider(this.#roster.self, this.#roster.own.status);
    for (const peer of this.#roster.peers.values()) if (peer.live) consider(peer.name, peer.status);
    this.#able = able;
    this.#willing = willing;
  }

  #changed(): boolean {
    const peers = [...this.#roster.peers.values()].map((peer) => `${peer.name} ${peer.live} ${peer.incarnation}`);
    const signature = [
      ...peers,
      ...[...this.#able].map((server) => `able ${server}`),
      ...[...this.#willing].map((server) => `willing ${server}`),
      JSON.stringify(this.#roster.own.status),
      this.#drift.differing.join(' '),
    ].join('\n');
    if (signature === this.#signature) return false;
    this.#signature = signature;
    return true;
  }
}

/** Its own word, or its word as another live server relays it. */
function isHeard(peer: Peer): boolean {
  return peer.live && peer.publication !== undefined;
}
