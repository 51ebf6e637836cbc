import type { ServerName, StreamName } from '../../units/ids.ts';
import type { Instant } from '../../units/time.ts';
import { ownClaim } from '../captures/captures.ts';
import { darkSince } from '../captures/source-failure.ts';
import type { Roster } from '../knowledge/roster.ts';
import type { StreamState } from '../knowledge/stream-state.ts';
import { type Claim, standsBefore } from '../message/claim.ts';
import type { Turn } from '../step/turn.ts';

/** Who has each stream, as this server sees it, and the word that it changed. */
export class Owners {
  readonly #roster: Roster;
  readonly #changed = new Set<StreamName>();

  constructor(roster: Roster) {
    this.#roster = roster;
  }

  update(stream: StreamState, turn: Turn): void {
    const owner = this.#find(stream);
    const claim = owner === undefined ? undefined : this.#claimOf(stream, owner);
    if (owner !== undefined && claim?.phase === 'capturing') this.#has(stream, owner, claim);
    else this.#hasNone(stream, owner, turn.now);
    if (owner === stream.owner) return;
    if (owner !== undefined) stream.lastOwner = owner;
    stream.owner = owner;
    this.#changed.add(stream.name);
  }

  /** The configuration no longer has the stream. */
  removed(stream: StreamState): void {
    if (stream.owner !== undefined) this.#changed.add(stream.name);
  }

  flush(turn: Turn): void {
    if (this.#changed.size === 0) return;
    turn.emit({ type: 'owners-changed', streams: [...this.#changed] });
    this.#changed.clear();
  }

  #claimOf(stream: StreamState, server: ServerName): Claim | undefined {
    return server === this.#roster.self ? ownClaim(stream) : this.#roster.claimOf(stream, server);
  }

  #has(stream: StreamState, server: ServerName, claim: Claim): void {
    stream.lastWithFrames = server;
    stream.lastSource = claim.source;
    stream.holder = { server, since: claim.since };
    stream.framesUntil = undefined;
  }

  #hasNone(stream: StreamState, owner: ServerName | undefined, now: Instant): void {
    if (stream.holder !== undefined) stream.framesUntil ??= this.#lastFrames(stream, stream.holder.server, now);
    if (owner !== stream.holder?.server) stream.holder = undefined;
  }

  /** When the server that has no frames any more had its last ones. */
  #lastFrames(stream: StreamState, server: ServerName, now: Instant): Instant {
    const peer = this.#roster.peers.get(server);
    if (peer?.live === false) return peer.detector.lastHeard ?? now;
    if (peer?.had.has(stream.name) === true) return peer.earlierHeard ?? now;
    const failed = peer === undefined ? stream.lostSince !== undefined : stream.others.get(server)?.marked === true;
    return failed ? darkSince(stream, now) : now;
  }

  /** The claim that counts: with frames before without; of an agreed handover the taker's; else as names decide. */
  #find(stream: StreamState): ServerName | undefined {
    const own = ownClaim(stream);
    if (stream.others.size === 0) return own !== undefined && rankOf(own) > 0 ? this.#roster.self : undefined;
    let best: readonly [ServerName, Claim] | undefined = own === undefined ? undefined : [this.#roster.self, own];
    for (const other of this.#roster.liveClaims(stream)) {
      if (best === undefined || outranks(stream.name, other, best)) best = other;
    }
    return best !== undefined && rankOf(best[1]) > 0 ? best[0] : undefined;
  }
}

function outranks(
  stream: StreamName,
  [server, claim]: readonly [ServerName, Claim],
  [other, otherClaim]: readonly [ServerName, Claim],
): boolean {
  const difference = rankOf(claim) - rankOf(otherClaim);
  if (difference !== 0) return difference > 0;
  if ((claim.from === other) !== (otherClaim.from === server)) return claim.from === other;
  return standsBefore(stream, server, other);
}

/** Who is closing or only asking can serve no viewer. */
function rankOf(claim: Claim): number {
  switch (claim.phase) {
    case 'capturing':
      return 3;
    case 'trying':
      return 2;
    case 'taking':
      return 1;
    case 'asking':
    case 'releasing':
    case 'released':
      return 0;
  }
}
