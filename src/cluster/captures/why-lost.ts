import type { ServerName } from '../../units/ids.ts';
import type { Roster } from '../knowledge/roster.ts';
import type { StreamState } from '../knowledge/stream-state.ts';
import type { Cause } from '../message/cause.ts';

/** Why a server no longer captures a stream that it had; undefined when nothing about the server tells. */
export function whyLost(roster: Roster, stream: StreamState, server: ServerName): Cause | undefined {
  const peer = roster.peers.get(server);
  if (peer === undefined) return server === roster.self ? undefined : 'config';
  if (!peer.live) return peer.detector.causeOfDeath;
  if (peer.had.has(stream.name)) return peer.status?.born ?? 'restarted';
  return peer.status?.draining === true ? 'drain' : undefined;
}
