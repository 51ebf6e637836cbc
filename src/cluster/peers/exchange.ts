import type { ServerName } from '../../units/ids.ts';
import { after, earliest, type Instant, instant, latest, type Millis, millis, never } from '../../units/time.ts';
import type { Parked, Peer } from '../knowledge/peer.ts';
import type { Roster } from '../knowledge/roster.ts';
import { bounds } from '../step/bounds.ts';
import type { Event, PollFailure, ReplyToken } from '../step/event.ts';
import type { Turn } from '../step/turn.ts';
import type { Correspondence } from './correspondence.ts';

type Of<T extends Event['type']> = Extract<Event, { type: T }>;

/** Long polls both ways between this server and each peer: who waits for what, what is sent when. */
export class Exchange {
  readonly #roster: Roster;
  readonly #letters: Correspondence;
  #polls = 0;
  /** When the newest revision of our own state was first seen here. */
  #news = { revision: -1, at: instant(Number.MIN_SAFE_INTEGER) };

  constructor(roster: Roster, letters: Correspondence) {
    this.#roster = roster;
    this.#letters = letters;
  }

  /** Whoever asks is answered once, strangers and the past included. */
  request(event: Of<'request'>, turn: Turn): void {
    const { message, reply } = event;
    const peer = this.#roster.peers.get(event.from);
    if (peer === undefined) {
      this.#answerStranger(reply, turn);
      return;
    }
    if (peer.link.parked !== undefined) this.#answer(peer, peer.link.parked, turn);
    const current = this.#letters.read(peer, message, turn);
    const wait = current ? Math.min(message.waitMs, bounds.longestParking) : 0;
    peer.link.parked = { reply, until: after(turn.now, millis(wait)), known: message.known, wants: message.wants };
    // A server that was away asks before our own slow search finds it.
    if (current && peer.link.failures > 0) this.#pollNow(peer, turn);
  }

  /** The connection of a parked request ended. */
  requestGone(reply: ReplyToken): Peer | undefined {
    for (const peer of this.#roster.peers.values()) {
      if (peer.link.parked?.reply !== reply) continue;
      peer.link.parked = undefined;
      return peer;
    }
    return undefined;
  }

  /** The configuration no longer has this peer. */
  dismiss(peer: Peer, turn: Turn): void {
    if (peer.link.parked !== undefined) this.#answerStranger(peer.link.parked.reply, turn);
    peer.link.parked = undefined;
  }

  answer(event: Of<'answer'>, turn: Turn): void {
    const peer = this.#pollingPeer(event.peer, event.poll);
    const polling = peer?.link.polling;
    if (peer === undefined || polling === undefined) return;
    const knownBefore = peer.publication?.known;
    peer.link.polling = undefined;
    if (!this.#letters.read(peer, event.message, turn)) {
      this.#failed(peer, 'rejected', turn);
      return;
    }
    peer.link.failures = 0;
    peer.link.refused = false;
    peer.link.fresh = false;
    const known = peer.publication?.known;
    const brought = knownBefore?.revision !== known?.revision || knownBefore?.incarnation !== known?.incarnation;
    const waited = turn.now - polling.sentAt >= this.wait(peer) / 2;
    peer.link.pollAt = brought || waited ? turn.now : after(turn.now, bounds.idlePollPace);
  }

  /** Returns the peer unless the poll was replaced meanwhile. */
  pollFailed(event: Of<'poll-failed'>, turn: Turn): Peer | undefined {
    const peer = this.#pollingPeer(event.peer, event.poll);
    if (peer === undefined) return undefined;
    peer.link.polling = undefined;
    this.#failed(peer, event.reason, turn);
    return peer;
  }

  /** Answers who waited long enough or has news, and sends the polls that are due. */
  flush(turn: Turn): void {
    const { revision } = this.#roster.own.known;
    if (revision !== this.#news.revision) this.#news = { revision, at: turn.now };
    for (const peer of this.#roster.peers.values()) {
      const { parked } = peer.link;
      if (parked !== undefined && this.#answerAt(peer, parked) <= turn.now) this.#answer(peer, parked, turn);
      if (this.#pollAt(peer) <= turn.now) this.#poll(peer, turn);
    }
  }

  nextWake(): Instant {
    let next = never;
    for (const peer of this.#roster.peers.values()) {
      const { parked } = peer.link;
      if (parked !== undefined) next = earliest(next, this.#answerAt(peer, parked));
      next = earliest(next, this.#pollAt(peer));
    }
    return next;
  }

  /** For how long a peer parks our poll. */
  wait(peer: Peer): Millis {
    const { fetchTimeout, staleTimeout } = peer.config;
    return millis(Math.min(fetchTimeout, staleTimeout / bounds.pollsPerStaleTimeout));
  }

  #pollingPeer(name: ServerName, poll: number): Peer | undefined {
    const peer = this.#roster.peers.get(name);
    return peer?.link.polling?.poll === poll ? peer : undefined;
  }

  #answerAt(peer: Peer, parked: Parked): Instant {
    if (!this.#letters.hasNews(parked.known, parked.wants)) return parked.until;
    return earliest(parked.until, after(peer.link.lastReplyAt, bounds.coalescing));
  }

  #pollAt(peer: Peer): Instant {
    const { link } = peer;
    if (link.polling === undefined) return link.pollAt;
    // A shell always reports the end of a poll; this is for the case that it does not.
    const lost = after(link.polling.lostAt, bounds.mostPollMargin);
    if (!peer.live || link.parked !== undefined || link.sentRevision >= this.#news.revision) return lost;
    // The peer does not ask us (a firewall lets only our connections through): tell it by ourselves.
    const push = latest(after(this.#news.at, bounds.coalescing), after(link.lastPushAt, bounds.pushPace));
    return earliest(lost, push);
  }

  #pollNow(peer: Peer, turn: Turn): void {
    peer.link.failures = 0;
    if (peer.link.polling === undefined) peer.link.pollAt = turn.now;
  }

  #poll(peer: Peer, turn: Turn): void {
    const { link } = peer;
    const wait = this.wait(peer);
    const margin = Math.min(bounds.mostPollMargin, Math.max(bounds.leastPollMargin, wait / 3));
    const within = millis(wait + margin);
    const poll = ++this.#polls;
    const message = this.#letters.write(peer, link.known, [], wait, turn.now);
    turn.emit({ type: 'poll', peer: peer.name, poll, message, within, fresh: link.fresh });
    link.polling = { poll, sentAt: turn.now, lostAt: after(turn.now, within) };
    link.lastPushAt = turn.now;
  }

  #answer(peer: Peer, parked: Parked, turn: Turn): void {
    const message = this.#letters.write(peer, parked.known, parked.wants, 0, turn.now);
    turn.emit({ type: 'reply', reply: parked.reply, message });
    peer.link.parked = undefined;
    peer.link.lastReplyAt = turn.now;
  }

  #answerStranger(reply: ReplyToken, turn: Turn): void {
    turn.emit({ type: 'reply', reply, message: this.#letters.writeToStranger(turn.now) });
  }

  #failed(peer: Peer, reason: PollFailure, turn: Turn): void {
    const { link } = peer;
    link.failures++;
    link.fresh = true;
    link.refused = reason === 'refused';
    if (link.refused) {
      link.refusedAt = turn.now;
      if (link.refusals++ === 0) link.refusedSince = turn.now;
    }
    link.pollAt = after(turn.now, retryPace(link.failures, reason));
  }
}

/** A broken or silent connection is replaced at once; a peer that is not there is asked ever more slowly, down to the cap. */
function retryPace(failures: number, reason: PollFailure): Millis {
  const broken = reason === 'reset' || reason === 'refused';
  if (reason === 'timeout' || (broken && failures <= bounds.instantRetries)) return millis(0);
  return millis(Math.min(bounds.lastRetryPace, bounds.firstRetryPace * 2 ** Math.min(failures, 10)));
}
