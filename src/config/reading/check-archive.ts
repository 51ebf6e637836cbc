import { namePlaceholder } from '../model/fill-name.ts';
import type { Word } from '../syntax/lexer.ts';
import type { Reporter } from '../syntax/reporter.ts';
import type { PeerLine } from './read-peers.ts';
import type { StreamLine } from './read-streams.ts';

/** What no single `dvr` line shows: from where its folder is found, and who else writes there. */
export function checkArchive(streams: readonly StreamLine[], peers: readonly PeerLine[], reporter: Reporter): void {
  // A template speaks for many streams, and is told of once.
  const roots = new Map<Word, string>();
  for (const { stream, dvrWord } of streams) {
    if (stream.dvr !== undefined && dvrWord !== undefined) roots.set(dvrWord, stream.dvr.root);
  }
  const shared = sharedHost(peers);
  for (const [word, root] of roots) {
    if (!root.startsWith('/')) {
      const message = `${reporter.quote(word)} is found from the folder in which the server was started: another one after another start`;
      reporter.warning(word, message, 'write the whole path');
    }
    if (shared === undefined || root.includes(namePlaceholder)) continue;
    const message = `servers on ${shared} would share one archive: what one of them lost, the others would lose with it`;
    reporter.warning(word, message, `put \`${namePlaceholder}\`, the name of the server, into the path`);
  }
}

/** Of two servers on one machine. */
function sharedHost(peers: readonly PeerLine[]): string | undefined {
  const hosts = peers.map(({ peer }) => peer.host.toLowerCase());
  return hosts.find((host, at) => hosts.indexOf(host) < at);
}
