import type { ServerName } from '../../units/ids.ts';
import { after, between, type Instant, millis } from '../../units/time.ts';
import type { OwnLife } from '../knowledge/own-life.ts';
import type { Peer, Verdict } from '../knowledge/peer.ts';
import { Publication } from '../knowledge/publication.ts';
import type { Roster } from '../knowledge/roster.ts';
import type { Hearsay, Known, Message, StateNews, Want } from '../message/message.ts';
import { bounds } from '../step/bounds.ts';
import type { Turn } from '../step/turn.ts';

/** Writes and reads what servers tell each other. */
export class Correspondence {
  readonly #roster: Roster;
  readonly #life: OwnLife;

  constructor(roster: Roster, life: OwnLife) {
    this.#roster = roster;
    this.#life = life;
  }

  /** To a peer that knows this much of our state. */
  write(to: Peer, known: Known | undefined, wants: readonly Want[], waitMs: number, now: Instant): Message {
    const { own, peers } = this.#roster;
    to.link.sentRevision = own.known.revision;
    return {
      state: own.newsSince(known, now),
      known: to.publication?.known,
      waitMs,
      heard: [...peers.values()].map((peer) => hearsay(peer, now)),
      wants: [...peers.values()].filter((peer) => peer !== to && unheard(peer, now)).map(want),
      relays: wants.flatMap((one) => this.#relay(one, now)),
      had: known?.incarnation === own.incarnation ? [] : [...to.had],
    };
  }

  /** To a server that our configuration does not have (yet): who we are, so that its own boot does not wait for us. */
  writeToStranger(now: Instant): Message {
    const state = this.#roster.own.newsSince(undefined, now);
    return { state, known: undefined, waitMs: 0, heard: [], wants: [], relays: [], had: [] };
  }

  /** Would an answer bring more than the peer knew when it asked? */
  hasNews(known: Known | undefined, wants: readonly Want[]): boolean {
    return this.#roster.own.isNewsTo(known) || wants.some((one) => this.#relayable(one)?.isNewsTo(one.known) === true);
  }

  /** Takes in what the peer wrote; false when it is the word of an earlier life. */
  read(from: Peer, message: Message, turn: Turn): boolean {
    const { state } = message;
    if (state.server !== from.name) return false;
    this.#life.knownAs(message.known?.incarnation, this.#roster.own.incarnation);
    if (from.incarnation !== undefined && state.incarnation < from.incarnation) return false;
    this.#meet(from, state.incarnation, { heardAt: turn.now }, turn);
    from.detector.heardDirectly(turn.now);
    from.link.refusals = 0;
    from.link.known = message.known?.incarnation === this.#roster.own.incarnation ? message.known : undefined;
    this.#takeState(from, state, turn);
    if (from.publication?.status.leaving === true) from.detector.died('leave', turn.now);
    from.verdicts = this.#takeHearsay(message.heard, turn);
    for (const relayed of message.relays) this.#takeRelay(relayed, turn);
    for (const stream of message.had) this.#life.had.add(stream);
    return true;
  }

  /** A word of a life that is new to us: what the earlier one claimed is void, but left to it for a moment. */
  #meet(
    peer: Peer,
    incarnation: NonNullable<Peer['incarnation']>,
    { heardAt }: { readonly heardAt: Instant },
    turn: Turn,
  ): void {
    if (peer.incarnation === incarnation) return;
    const knownBefore = peer.incarnation !== undefined;
    peer.incarnation = incarnation;
    peer.firstWordAt = turn.now;
    this.#roster.voidClaims(peer);
    if (!knownBefore) return;
    if (peer.detector.causeOfDeath !== 'leave') peer.restarts.add(turn.now);
    peer.earlierHeard = peer.detector.lastHeard ?? peer.earlierHeard;
    // Through others the first word may come when that life is over, too.
    peer.detector.bornAgain(heardAt);
  }

  #takeState(peer: Peer, news: StateNews, turn: Turn): void {
    const held = peer.publication;
    if (held !== undefined) {
      const changed = held.apply(news, turn.now);
      if (changed === 'gap') return;
      for (const stream of changed) this.#roster.setStanding(peer.name, stream, held.standings.get(stream));
      return;
    }
    const copy = Publication.from(news, turn.now);
    if (copy === undefined) return;
    peer.publication = copy;
    for (const [stream, standing] of copy.standings) this.#roster.setStanding(peer.name, stream, standing);
  }

  #takeHearsay(heard: readonly Hearsay[], turn: Turn): Map<ServerName, Verdict> {
    const verdicts = new Map<ServerName, Verdict>();
    for (const one of heard) {
      if (one.server === this.#roster.self) {
        this.#life.knownAs(one.incarnation, this.#roster.own.incarnation);
        if (one.incarnation !== undefined) this.#life.restarts = Math.max(this.#life.restarts, one.restarts);
        continue;
      }
      const peer = this.#roster.peers.get(one.server);
      if (peer === undefined) continue;
      verdicts.set(one.server, { incarnation: one.incarnation, dead: one.dead });
      if (one.incarnation === undefined || one.agoMs === undefined || one.dead !== undefined) continue;
      if (peer.incarnation !== undefined && one.incarnation < peer.incarnation) continue;
      const heardAt = after(turn.now, millis(-one.agoMs));
      this.#meet(peer, one.incarnation, { heardAt }, turn);
      peer.detector.heardThroughOther(heardAt);
    }
    return verdicts;
  }

  #takeRelay(news: StateNews, turn: Turn): void {
    const peer = this.#roster.peers.get(news.server);
    if (peer === undefined || peer.incarnation !== news.incarnation) return;
    this.#takeState(peer, news, turn);
    if (peer.publication?.status.leaving === true) peer.detector.died('leave', turn.now);
  }

  #relay(wanted: Want, now: Instant): StateNews[] {
    const publication = this.#relayable(wanted);
    return publication?.isNewsTo(wanted.known) === true ? [publication.newsSince(wanted.known, now)] : [];
  }

  /** Only of who is heard directly: a copy of a copy would be older than it looks. */
  #relayable(wanted: Want): Publication | undefined {
    const peer = this.#roster.peers.get(wanted.server);
    const directly = peer?.detector.lastHeardDirectly !== undefined;
    return directly && peer?.life === 'alive' ? peer.publication : undefined;
  }
}

function hearsay(peer: Peer, now: Instant): Hearsay {
  const directly = peer.detector.lastHeardDirectly;
  return {
    server: peer.name,
    incarnation: peer.incarnation,
    agoMs: directly === undefined ? undefined : Math.round(between(directly, now)),
    dead: peer.life === 'dead' ? peer.detector.causeOfDeath : undefined,
    restarts: peer.restarts.lately(now),
  };
}

/** Missed in one exchange: better to hear of it in a roundabout way than not at all. */
function unheard(peer: Peer, now: Instant): boolean {
  const directly = peer.detector.lastHeardDirectly;
  return directly === undefined || between(directly, now) > peer.config.fetchTimeout + bounds.mostPollMargin;
}

function want(peer: Peer): Want {
  return { server: peer.name, known: peer.publication?.known };
}
