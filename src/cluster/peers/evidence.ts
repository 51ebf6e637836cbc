import type { ServerName } from '../../units/ids.ts';
import { after, between, type Instant, millis } from '../../units/time.ts';
import type { OwnLife } from '../knowledge/own-life.ts';
import type { Peer } from '../knowledge/peer.ts';
import type { Roster } from '../knowledge/roster.ts';
import { bounds } from '../step/bounds.ts';
import type { Event, ProbeResult, ReplyToken } from '../step/event.ts';
import type { Turn } from '../step/turn.ts';

type Of<T extends Event['type']> = Extract<Event, { type: T }>;

/** Why a peer is asked about: its address refuses us. */
interface Inquiry {
  readonly open: Set<number>;
  refused: boolean;
}

/**
 * Positive evidence of death: connections to a peer are refused, nobody else hears it, and a witness, if there is one, is
 * refused too. Spares the wait for `stale_timeout` when a process died; a firewall that refuses does not kill a live server.
 */
export class Evidence {
  readonly #roster: Roster;
  readonly #life: OwnLife;
  readonly #inquiries = new Map<ServerName, Inquiry>();
  /** By ask; forgotten with their inquiry. */
  readonly #asks = new Map<number, ServerName>();
  /** Witnesses whose last answer about this peer did not come, since it was last heard. */
  readonly #mute = new Map<ServerName, Set<ServerName>>();
  /** Peers whose connection was renewed because another server holds them for dead. */
  readonly #renewed = new Set<Peer>();
  #numbers = 0;

  constructor(roster: Roster, life: OwnLife) {
    this.#roster = roster;
    this.#life = life;
  }

  /** Something that may be evidence changed: weighs all of it. */
  weigh(peer: Peer, turn: Turn): void {
    const { link, detector } = peer;
    if (!this.#life.settled || peer.incarnation === undefined || peer.life === 'dead') return;
    if (link.refusals === 0) this.#drop(peer.name);
    // Its own request still waits here: the process that sent it is there.
    if (link.refusals < bounds.refusalsForDoubt || link.parked !== undefined || this.#inquiries.has(peer.name)) return;
    const heardSince = detector.lastHeardThroughOthers;
    if (heardSince !== undefined && heardSince > after(link.refusedSince, bounds.newsInFlight)) {
      detector.refuses();
      link.refusedSince = turn.now;
      return;
    }
    const witnesses = this.#witnesses(peer);
    if (witnesses.length === 0 || this.#wouldHaveHeard(peer, witnesses, turn.now)) {
      detector.died('process-dead', turn.now);
    } else this.#inquire(peer, witnesses, turn);
  }

  /**
   * The witnesses don't answer in time, as on a slow network. But each hears a live peer at least once a fetch, and within another one its word
   * of it arrives here: only when that did not come either are the refusals believed.
   */
  #wouldHaveHeard(about: Peer, witnesses: readonly Peer[], now: Instant): boolean {
    const mute = this.#mute.get(about.name);
    if (!witnesses.every((witness) => mute?.has(witness.name) === true)) return false;
    const fetch = Math.max(...witnesses.map((witness) => witness.config.fetchTimeout));
    return now >= after(about.link.refusedSince, millis(2 * fetch + bounds.mostPollMargin));
  }

  /**
   * When another live server has found the process dead, whoever is refused needs no witness of its own; who is not, because
   * its connection died without a sign, looks once. A goodbye that another heard is as good as heard.
   */
  heedOthers(turn: Turn): void {
    if (!this.#life.settled) return;
    for (const peer of this.#roster.peers.values()) {
      const found = peer.live ? this.#foundByOthers(peer) : undefined;
      if (found === undefined) {
        this.#renewed.delete(peer);
      } else if (found === 'leave') {
        peer.detector.died('leave', turn.now);
      } else if (peer.link.refused && peer.link.parked === undefined) {
        this.#heed(peer, turn);
      } else if (!this.#renewed.has(peer)) {
        this.#renewed.add(peer);
        peer.link.renew(turn.now);
      }
    }
  }

  /** Who says so and we may both stand behind a firewall: servers that don't say so look, if there are any. */
  #heed(peer: Peer, turn: Turn): void {
    if (this.#inquiries.has(peer.name)) return;
    const doubters = this.#witnesses(peer).filter((other) => other.verdicts.get(peer.name)?.dead === undefined);
    if (doubters.length === 0) peer.detector.died('process-dead', turn.now);
    else this.#inquire(peer, doubters, turn);
  }

  witnessed(event: Of<'witness-result'>, turn: Turn): Peer | undefined {
    const target = this.#asks.get(event.ask);
    const inquiry = target === undefined ? undefined : this.#inquiries.get(target);
    const peer = target === undefined ? undefined : this.#roster.peers.get(target);
    if (target === undefined || inquiry === undefined || peer === undefined) return undefined;
    this.#asks.delete(event.ask);
    inquiry.open.delete(event.ask);
    if (event.result === 'silent') this.#muteOf(target).add(event.witness);
    else this.#muteOf(target).delete(event.witness);
    if (event.result === 'refused') inquiry.refused = true;
    if (event.result === 'answered') {
      this.#drop(target);
      peer.detector.refuses();
      peer.link.refusedSince = turn.now;
      peer.link.refusals = 0;
      peer.link.refused = false;
    } else if (inquiry.open.size === 0) {
      this.#close(target);
      if (inquiry.refused && peer.link.refusals > 0) peer.detector.died('process-dead', turn.now);
    }
    return peer;
  }

  /** What another live server has already established about this life of the peer. */
  #foundByOthers(peer: Peer): 'leave' | 'process-dead' | undefined {
    let found: 'process-dead' | undefined;
    for (const other of this.#roster.peers.values()) {
      const verdict = other.life === 'alive' ? other.verdicts.get(peer.name) : undefined;
      if (verdict === undefined || verdict.incarnation !== peer.incarnation) continue;
      if (verdict.dead === 'leave') return 'leave';
      if (verdict.dead === 'process-dead') found = 'process-dead';
    }
    return found;
  }

  /** Peers whose word counts: heard well, those that did not answer last time behind the others, latest heard first. */
  #witnesses(about: Peer): Peer[] {
    const mute = this.#mute.get(about.name);
    const order = (peer: Peer): number => (mute?.has(peer.name) === true ? 1 : 0);
    return [...this.#roster.peers.values()]
      .filter((peer) => peer !== about && peer.life === 'alive' && peer.link.failures === 0)
      .sort((a, b) => order(a) - order(b) || heardOrder(b) - heardOrder(a) || (a.name < b.name ? -1 : 1))
      .slice(0, bounds.witnesses);
  }

  #inquire(peer: Peer, witnesses: readonly Peer[], turn: Turn): void {
    const open = new Set<number>();
    this.#inquiries.set(peer.name, { open, refused: false });
    for (const witness of witnesses) {
      const ask = ++this.#numbers;
      open.add(ask);
      this.#asks.set(ask, peer.name);
      turn.emit({
        type: 'ask-witness',
        witness: witness.name,
        target: peer.name,
        ask,
        within: bounds.witnessAnswer,
      });
    }
  }

  #muteOf(target: ServerName): Set<ServerName> {
    const mute = this.#mute.get(target) ?? new Set();
    this.#mute.set(target, mute);
    return mute;
  }

  #close(target: ServerName): void {
    for (const ask of this.#inquiries.get(target)?.open ?? []) this.#asks.delete(ask);
    this.#inquiries.delete(target);
  }

  #drop(target: ServerName): void {
    this.#close(target);
    this.#mute.delete(target);
  }
}

/** Looks at a peer's address, for others or on its own account. */
export class Looks {
  readonly #roster: Roster;
  readonly #open = new Map<ServerName, { readonly probe: number; readonly replies: ReplyToken[] }>();
  #owed = 0;
  #numbers = 0;

  constructor(roster: Roster) {
    this.#roster = roster;
  }

  asked(event: Of<'probe-request'>, turn: Turn): void {
    const { target, reply } = event;
    const result = this.#atOnce(target, turn.now);
    if (result !== undefined) {
      turn.emit({ type: 'reply-probe', reply, target, result });
      return;
    }
    this.#owed++;
    this.#look(target, turn).push(reply);
  }

  /** A request of the peer broke off: its end may be the only sign of a death, if our own connection to it is dead already. */
  brokeOff(peer: Peer, turn: Turn): void {
    if (peer.live) this.#look(peer.name, turn);
  }

  /** Joins the look under way, if there is one; returns who waits for it. */
  #look(target: ServerName, turn: Turn): ReplyToken[] {
    const open = this.#open.get(target);
    if (open !== undefined) return open.replies;
    const probe = ++this.#numbers;
    const replies: ReplyToken[] = [];
    this.#open.set(target, { probe, replies });
    turn.emit({ type: 'probe', target, probe, within: bounds.witnessLook });
    return replies;
  }

  looked(event: Of<'probe-result'>, turn: Turn): void {
    const open = this.#open.get(event.target);
    if (open === undefined || open.probe !== event.probe) return;
    this.#open.delete(event.target);
    this.#owed -= open.replies.length;
    // What it saw for others it has seen itself.
    const peer = this.#roster.peers.get(event.target);
    if (event.result === 'refused' && peer?.live === true) {
      peer.link.refused = true;
      peer.link.renew(turn.now);
    }
    for (const reply of open.replies) {
      turn.emit({ type: 'reply-probe', reply, target: event.target, result: event.result });
    }
  }

  #atOnce(target: ServerName, now: Instant): ProbeResult | undefined {
    if (target === this.#roster.self) return 'answered';
    const peer = this.#roster.peers.get(target);
    if (peer === undefined || this.#owed >= bounds.mostLooks) return 'silent';
    // Its own poll has just found what a look would find; on a slow network a look would come too late.
    return peer.link.refused && between(peer.link.refusedAt, now) <= bounds.witnessLook ? 'refused' : undefined;
  }
}

function heardOrder(peer: Peer): number {
  return peer.detector.lastHeardDirectly ?? Number.MIN_SAFE_INTEGER;
}
