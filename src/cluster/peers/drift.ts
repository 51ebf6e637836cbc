import type { Incarnation, ServerName } from '../../units/ids.ts';
import { between, type Instant } from '../../units/time.ts';
import type { Roster } from '../knowledge/roster.ts';
import type { Cause } from '../message/cause.ts';
import type { Followers } from '../step/notice.ts';
import type { Turn } from '../step/turn.ts';

/** What one server follows, as last heard. */
interface Following {
  readonly digest: string;
  readonly incarnation: Incarnation | undefined;
  readonly live: boolean;
  /** Why it is not. */
  readonly gone: Cause | undefined;
}

/** Whether the live servers follow the same configuration. The steps of a rollout in between are no news: the operator is told of its begin and its end. */
export class Drift {
  readonly #roster: Roster;
  #differing: readonly ServerName[] = [];
  #known: ReadonlyMap<ServerName, Following> = new Map();
  #since: Instant | undefined;

  constructor(roster: Roster) {
    this.#roster = roster;
  }

  /** Live peers that follow another one than this server. */
  get differing(): readonly ServerName[] {
    return this.#differing;
  }

  look(turn: Turn): void {
    const now = this.#survey();
    const { self, config } = this.#roster;
    this.#differing = [...now]
      .filter(([name, at]) => name !== self && at.live && at.digest !== config.digest)
      .map(nameOf);
    // A new life that others hear has not said yet what it follows.
    if ([...this.#roster.peers.values()].some((peer) => peer.live && peer.status === undefined)) return;
    const drifts = this.#differing.length > 0;
    if (drifts && this.#since === undefined) {
      this.#since = turn.now;
      turn.notice({ kind: 'config-drift', cause: changeOf(this.#known, now), followers: followersIn(now) });
    } else if (!drifts && this.#since !== undefined) {
      const afterMs = Math.round(between(this.#since, turn.now));
      this.#since = undefined;
      turn.notice({ kind: 'config-agreed', cause: changeOf(this.#known, now), digest: config.digest, afterMs });
    }
    this.#known = now;
  }

  /** In the order of the file; without those that were never heard. */
  #survey(): Map<ServerName, Following> {
    const { self, own, config, peers } = this.#roster;
    const found = new Map<ServerName, Following>();
    for (const { name } of config.servers) {
      if (name === self) {
        found.set(name, { digest: config.digest, incarnation: own.incarnation, live: true, gone: undefined });
        continue;
      }
      const peer = peers.get(name);
      const digest = peer?.status?.digest ?? this.#known.get(name)?.digest;
      if (peer === undefined || digest === undefined) continue;
      const live = peer.live && peer.status !== undefined;
      found.set(name, { digest, incarnation: peer.incarnation, live, gone: peer.detector.causeOfDeath });
    }
    return found;
  }
}

/** What made the difference between two surveys. */
function changeOf(before: ReadonlyMap<ServerName, Following>, now: ReadonlyMap<ServerName, Following>): Cause {
  for (const [name, at] of now) {
    const was = before.get(name);
    if (was === undefined) return 'started';
    if (was.live && !at.live) return at.gone ?? 'silent';
    if (was.incarnation !== at.incarnation) return 'restarted';
    if (was.digest !== at.digest) return 'reload';
    if (!was.live && at.live) return 'returned';
  }
  return 'reload';
}

function followersIn(survey: ReadonlyMap<ServerName, Following>): Followers[] {
  const servers = new Map<string, ServerName[]>();
  for (const [name, { digest, live }] of survey) {
    if (live) servers.set(digest, [...(servers.get(digest) ?? []), name]);
  }
  return Array.from(servers, ([digest, names]) => ({ digest, servers: names }));
}

function nameOf([name]: readonly [ServerName, Following]): ServerName {
  return name;
}
