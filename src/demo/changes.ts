import type { Snapshot, SnapshotStream } from './snapshot.ts';

/** What an operator would call news between two looks at the group, a line each. */
export function changesBetween(before: Snapshot | undefined, after: Snapshot): string[] {
  return [...serverChanges(before, after), ...ownerChanges(before, after)];
}

function serverChanges(before: Snapshot | undefined, after: Snapshot): string[] {
  const old = new Map(before?.servers.map((server) => [server.name, server.state]));
  return after.servers
    .filter((server) => old.get(server.name) !== server.state)
    .map((server) => `server ${server.name} is ${server.state}`);
}

/** Streams that moved the same way are told together: a dead server's twenty streams are one piece of news. */
function ownerChanges(before: Snapshot | undefined, after: Snapshot): string[] {
  const old = new Map(before?.streams.map((stream) => [stream.name, captor(stream)]));
  const moves = new Map<string, string[]>();
  for (const stream of after.streams) {
    const by = captor(stream);
    if (old.get(stream.name) === by) continue;
    const way =
      by === undefined ? 'captured by nobody' : `captured by ${by}${stream.standIn ? ` for ${stream.home}` : ''}`;
    moves.set(way, [...(moves.get(way) ?? []), stream.name]);
  }
  return [...moves].map(([way, names]) => `${names.join(' ')} ${way}`);
}

/** Who has frames of it: who only tries has captured nothing yet. */
function captor(stream: SnapshotStream): string | undefined {
  return stream.state === 'running' ? stream.capturedBy : undefined;
}
