import type { ServerName } from '../../units/ids.ts';
import { after, between, earliest, type Instant, never } from '../../units/time.ts';
import type { Life } from '../knowledge/fault-detector.ts';
import type { OwnLife } from '../knowledge/own-life.ts';
import type { Peer } from '../knowledge/peer.ts';
import type { Roster } from '../knowledge/roster.ts';
import type { Cause } from '../message/cause.ts';
import { mayCapture } from '../message/server-status.ts';
import type { Turn } from '../step/turn.ts';

/** What the operator was last told of a peer. */
interface Told {
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
  readonly #told = new Map<ServerName, Told>();
  #signature = '';
  #drifting: readonly ServerName[] = [];
  /** Live servers that may capture what nobody captures, this one included. */
  #able: ReadonlySet<ServerName> = new Set();
  /** Of those, the ones that want to. */
  #willing: ReadonlySet<ServerName> = new Set();

  constructor(roster: Roster, life: OwnLife) {
    this.#roster = roster;
    this.#life = life;
  }

  get able(): ReadonlySet<ServerName> {
    return this.#able;
  }

  get willing(): ReadonlySet<ServerName> {
    return this.#willing;
  }

  /** Live servers run other configurations: nothing that works is moved. */
  get drifting(): boolean {
    return this.#drifting.length > 0;
  }

  /** Judges everybody; true when any decision about streams may come out differently now. */
  update(turn: Turn): boolean {
    for (const peer of this.#roster.peers.values()) this.#judge(peer, turn);
    this.#settle(turn);
    this.#describeSelf(turn.now);
    this.#findDrift(turn);
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
    this.#told.delete(peer);
  }

  #judge(peer: Peer, turn: Turn): void {
    const { now } = turn;
    const before = this.#told.get(peer.name);
    const life = peer.detector.judge(now, peer.config.staleTimeout);
    const wasLive = peer.live;
    peer.life = life;
    if (peer.live && !wasLive) peer.aliveSince = now;
    if (life === 'dead' && before?.life !== 'dead') this.#roster.voidClaims(peer);
    if (before?.life === 'dead' && peer.live && before.incarnation === peer.incarnation) this.#returned(peer, now);
    const draining = peer.live && peer.status?.draining === true;
    const told: Told = { life, incarnation: peer.incarnation, draining };
    if (before?.life === life && before.incarnation === told.incarnation && before.draining === draining) return;
    this.#told.set(peer.name, told);
    if (before?.life !== life) this.#roster.own.touch();
    this.#tell(peer, before, told, turn);
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

  #tell(peer: Peer, before: Told | undefined, told: Told, turn: Turn): void {
    const wasLive = before?.life === 'alive' || before?.life === 'suspect';
    if (told.life === 'dead') {
      const heard = peer.detector.lastHeard;
      const unheardMs = Math.round(between(heard ?? this.#life.bootedAt, turn.now));
      if (before?.life !== 'dead') {
        const cause = peer.detector.causeOfDeath ?? 'silent';
        turn.notice({ kind: 'server-down', server: peer.name, cause, unheardMs });
      }
      return;
    }
    const up = told.life === 'alive' && (before === undefined || before.life !== 'alive');
    if (told.incarnation !== undefined && (up || (wasLive && before?.incarnation !== told.incarnation))) {
      const cause = upCause(before, told);
      turn.notice({ kind: 'server-up', server: peer.name, incarnation: told.incarnation, cause });
    }
    if (told.life === 'suspect' && before?.life !== 'suspect')
      turn.notice({ kind: 'server-suspect', server: peer.name });
    if ((before?.draining ?? false) !== told.draining) {
      turn.notice({ kind: 'server-draining', server: peer.name, draining: told.draining });
    }
  }

  /** DESIGN "Boot". A refusal settles nothing: a group that starts together would let the first take everything. */
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
    turn.notice({ kind: 'settled', afterMs: Math.round(between(this.#life.bootedAt, turn.now)) });
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
    });
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

  #findDrift(turn: Turn): void {
    const differing = [...this.#roster.peers.values()]
      .filter((peer) => peer.live && peer.status !== undefined && peer.status.digest !== this.#roster.config.digest)
      .map((peer) => peer.name);
    if (differing.length === 0) this.#roster.agreedPlacement = this.#roster.placement;
    if (differing.join('\n') === this.#drifting.join('\n')) return;
    const resolved = differing.length === 0;
    turn.notice({ kind: 'config-drift', peers: resolved ? this.#drifting : differing, resolved });
    this.#drifting = differing;
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
      this.#drifting.join(' '),
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

function upCause(before: Told | undefined, told: Told): Cause {
  if (before === undefined || before.incarnation === undefined) return 'assigned';
  return before.incarnation === told.incarnation ? 'returned' : 'restarted';
}
