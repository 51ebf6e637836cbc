import type { Pathway } from '../hls/playlist.ts';
import type { ServerName, StreamName } from '../units/ids.ts';
import type { GroupPort } from './ports/ports.ts';
import { streamPath } from './route/target.ts';

/** The live servers as ways to a stream: the asked one first, then the others in the order of the file. How many count is the playlist's affair. */
export function pathwaysFor(group: GroupPort, stream: StreamName): Pathway[] {
  const others = group.liveServers().filter((server) => server !== group.self);
  return [group.self, ...others].flatMap((server) => pathway(group, server, stream));
}

function pathway(group: GroupPort, server: ServerName, stream: StreamName): Pathway[] {
  const publicUrl = group.publicUrl(server);
  return publicUrl === undefined ? [] : [{ id: pathwayId(server), base: `${publicUrl}${streamPath(stream)}` }];
}

/** RFC 8216bis allows no more characters. No two peers of a group differ in the others only: `check` refuses that. */
function pathwayId(server: ServerName): string {
  return server.replace(/[^A-Za-z0-9._-]/g, '_');
}
