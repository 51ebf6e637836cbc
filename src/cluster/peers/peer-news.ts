import type { Incarnation, ServerName } from '../../units/ids.ts';
import { between, type Instant } from '../../units/time.ts';
import type { OwnLife } from '../knowledge/own-life.ts';
import type { Peer } from '../knowledge/peer.ts';
import type { Cause } from '../message/cause.ts';
import type { Turn } from '../step/turn.ts';

/** `doubted`: heard by others only, as those others prove. */
type Standing = 'up' | 'doubted' | 'down';

interface Told {
  readonly standing: Standing;
  readonly incarnation: Incarnation | undefined;
  readonly since: Instant;
}

/**
 * What the operator is told of the peers. A server that boots finds out who is there, which is no news: it tells of those whom it misses
 * once it has settled, and of changes from then on.
 */
export class PeerNews {
  readonly #life: OwnLife;
  readonly #told = new Map<ServerName, Told>();

  constructor(life: OwnLife) {
    this.#life = life;
  }

  /** This server has settled; a peer that others hold for dead has been told of by them. */
  begin(peers: readonly Peer[], toldByOthers: (peer: Peer) => boolean, turn: Turn): void {
    for (const peer of peers) {
      const standing = standingOf(peer);
      if (standing === undefined) continue;
      this.#told.set(peer.name, { standing, incarnation: peer.incarnation, since: turn.now });
      if (standing === 'down' && !toldByOthers(peer)) this.#down(peer, turn);
    }
  }

  /** Tells what has changed about the peer. */
  look(peer: Peer, turn: Turn): void {
    if (!this.#life.settled) return;
    const before = this.#told.get(peer.name);
    const standing = standingOf(peer);
    if (standing === undefined) return;
    const { incarnation } = peer;
    // A new life that others hear has not said yet why it began.
    const isNewLife = before?.incarnation !== undefined && before.incarnation !== incarnation;
    if (isNewLife && standing === 'up' && peer.status === undefined) return;
    if (before?.standing === standing && (before.incarnation === incarnation || standing === 'down')) return;
    this.#told.set(peer.name, { standing, incarnation, since: turn.now });
    if (standing === 'down') this.#down(peer, turn);
    else if (standing === 'up' || before?.incarnation !== incarnation) this.#up(peer, before, turn);
    if (standing === 'doubted') this.#doubted(peer, turn);
  }

  forget(peer: ServerName): void {
    this.#told.delete(peer);
  }

  #up(peer: Peer, before: Told | undefined, turn: Turn): void {
    const { name: server, incarnation } = peer;
    if (incarnation === undefined) return;
    const downMs = before === undefined || before.standing === 'up' ? undefined : elapsed(before.since, turn.now);
    turn.notice({ kind: 'server-up', server, incarnation, cause: upCause(before, peer), downMs });
  }

  #doubted(peer: Peer, turn: Turn): void {
    const unheardMs = elapsed(peer.detector.lastHeardDirectly ?? this.#life.bootedAt, turn.now);
    const cause = peer.link.refused ? 'refused' : 'silent';
    turn.notice({ kind: 'server-suspect', server: peer.name, incarnation: peer.incarnation, cause, unheardMs });
  }

  #down(peer: Peer, turn: Turn): void {
    const unheardMs = elapsed(peer.detector.lastHeard ?? this.#life.bootedAt, turn.now);
    const cause = peer.detector.causeOfDeath ?? 'silent';
    turn.notice({ kind: 'server-down', server: peer.name, incarnation: peer.incarnation, cause, unheardMs });
  }
}

/** Undefined while nothing is known. */
function standingOf(peer: Peer): Standing | undefined {
  switch (peer.life) {
    case 'unknown':
      return undefined;
    case 'dead':
      return 'down';
    case 'suspect':
      return peer.detector.isHeardByOthers(peer.config.staleTimeout) ? 'doubted' : 'up';
    case 'alive':
      return 'up';
  }
}

function upCause(before: Told | undefined, { incarnation, status }: Peer): Cause {
  if (before?.incarnation === undefined) return 'started';
  return before.incarnation === incarnation ? 'returned' : (status?.born ?? 'restarted');
}

function elapsed(since: Instant, now: Instant): number {
  return Math.round(between(since, now));
}
