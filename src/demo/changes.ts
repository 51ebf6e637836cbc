import type { Snapshot } from './snapshot.ts';

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
  const old = new Map(before?.streams.map((stream) => [stream.name, stream.capturedBy]));
  const moves = new Map<string, string[]>();
  for (const stream of after.streams) {
    if (old.get(stream.name) === stream.capturedBy) continue;
    const way =
      stream.capturedBy === undefined
        ? 'captured by nobody'
        : `captured by ${stream.capturedBy}${stream.standIn ? ` for ${stream.home}` : ''}`;
    moves.set(way, [...(moves.get(way) ?? []), stream.name]);
  }
  return [...moves].map(([way, names]) => `${names.join(' ')} ${way}`);
}
