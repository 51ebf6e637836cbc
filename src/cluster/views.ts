import type { ServerName } from '../units/ids.ts';
import type { Instant } from '../units/time.ts';
import type { Candidates } from './captures/candidates.ts';
import { ownClaim } from './captures/captures.ts';
import type { Peer } from './knowledge/peer.ts';
import type { Publication } from './knowledge/publication.ts';
import type { Roster } from './knowledge/roster.ts';
import type { StreamState } from './knowledge/stream-state.ts';
import type { ServerStatus } from './message/server-status.ts';
import type { Membership } from './peers/membership.ts';
import type { ServerView, StreamView } from './step/view.ts';

/** What this server shows of the group. Reads, changes nothing. */
export class Views {
  readonly #roster: Roster;
  readonly #membership: Membership;
  readonly #candidates: Candidates;

  constructor(roster: Roster, membership: Membership, candidates: Candidates) {
    this.#roster = roster;
    this.#membership = membership;
    this.#candidates = candidates;
  }

  /** In the order of the file. */
  servers(now: Instant): ServerView[] {
    return this.#roster.config.servers.flatMap(({ name }) => {
      if (name === this.#roster.self) return [this.#self(now)];
      const peer = this.#roster.peers.get(name);
      return peer === undefined ? [] : [peerView(peer)];
    });
  }

  streams(): StreamView[] {
    return Array.from(this.#roster.streams.values(), (stream) => this.#stream(stream));
  }

  #stream(stream: StreamState): StreamView {
    const state = this.#stateOf(stream);
    return {
      name: stream.name,
      state,
      home: this.#roster.home(stream.name) ?? this.#roster.self,
      owner: stream.owner,
      capturedBy: stream.holder?.server,
      since: stream.holder?.since,
      triedBy: state === 'running' ? undefined : stream.lastOwner,
      framesUntil: stream.framesUntil,
    };
  }

  #self(now: Instant): ServerView {
    const { self, own } = this.#roster;
    const { known, status } = own;
    const captured = capturedBy(own);
    return {
      name: self,
      self: true,
      state: stateByStatus(status),
      lastHeard: now,
      incarnation: known.incarnation,
      configDigest: status.digest,
      minority: status.minority,
      captured,
    };
  }

  #stateOf(stream: StreamState): StreamView['state'] {
    if (stream.owner !== undefined && this.#claimPhase(stream, stream.owner) === 'capturing') return 'running';
    for (const server of this.#membership.able) if (this.#candidates.failures(stream, server) > 0) return 'error';
    return stream.owner === undefined ? 'waiting' : 'starting';
  }

  #claimPhase(stream: StreamState, server: ServerName): string | undefined {
    const claim = server === this.#roster.self ? ownClaim(stream) : stream.others.get(server)?.claim;
    return claim?.phase;
  }
}

function peerView(peer: Peer): ServerView {
  return {
    name: peer.name,
    self: false,
    state: stateOf(peer),
    cause: peer.life === 'dead' ? peer.detector.causeOfDeath : undefined,
    lastHeard: peer.detector.lastHeard,
    earlierHeard: peer.earlierHeard,
    incarnation: peer.incarnation,
    configDigest: peer.status?.digest,
    minority: peer.status?.minority === true,
    captured: peer.live && peer.publication !== undefined ? capturedBy(peer.publication) : 0,
  };
}

/** A server not heard yet is presumed to start like this one. */
function stateOf(peer: Peer): ServerView['state'] {
  if (peer.life === 'dead' || peer.life === 'suspect') return peer.life;
  return peer.status === undefined ? 'booting' : stateByStatus(peer.status);
}

function stateByStatus(status: ServerStatus): ServerView['state'] {
  if (!status.settled) return 'booting';
  return status.draining || status.leaving ? 'draining' : 'alive';
}

function capturedBy(publication: Publication): number {
  let count = 0;
  for (const { claim } of publication.standings.values()) if (claim?.phase === 'capturing') count++;
  return count;
}
