import type { ServerName, StreamName } from '../../units/ids.ts';
import { ownClaim } from '../captures/captures.ts';
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
    if (owner !== undefined) this.#remember(stream, owner);
    if (owner === stream.owner) return;
    if (owner !== undefined) stream.lastOwner = owner;
    stream.owner = owner;
    stream.ownerSince = owner === undefined ? undefined : turn.now;
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

  #remember(stream: StreamState, owner: ServerName): void {
    const claim = owner === this.#roster.self ? ownClaim(stream) : this.#roster.claimOf(stream, owner);
    if (claim?.phase !== 'capturing') return;
    stream.lastWithFrames = owner;
    stream.lastSource = claim.source;
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
