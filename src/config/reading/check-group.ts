import { formatDuration } from '../../units/duration.ts';
import { isLoopback } from '../../units/loopback.ts';
import { type Millis, millis } from '../../units/time.ts';
import { directives } from '../language/directives.ts';
import type { Config, PeerConfig } from '../model/config.ts';
import { fileName, namePlaceholder } from '../model/fill-name.ts';
import type { Word } from '../syntax/lexer.ts';
import type { Reporter } from '../syntax/reporter.ts';
import { whereIs } from '../syntax/source-text.ts';
import { firstWord, type Node } from '../syntax/syntax-tree.ts';
import { bareHost } from '../values/address.ts';
import type { PeerLine } from './read-peers.ts';
import type { StreamLine } from './read-streams.ts';
import { fallbackOf } from './reading.ts';

/** Below this a garbage collection, a full disk queue or a busy uplink looks like death. */
const smallStaleTimeout: Millis = millis(5000);
/** One lost exchange, and a second one while the first is repeated, must not look like death. */
const fetchesWanted = 3;
/** What the group is built and measured for. */
const serversMax = 20;

/** Everything that the checks of a group need to know. */
export interface GroupLines {
  readonly config: Config;
  readonly peers: readonly PeerLine[];
  readonly streams: readonly StreamLine[];
  /** The lines themselves, where there are any; a wrong line counts as one. */
  readonly clusterKey: Node | undefined;
  readonly http: Node | undefined;
  readonly partition: Node | undefined;
  readonly stateDir: Node | undefined;
  readonly editAuth: Node | undefined;
}

/** What no single line shows: how the servers fit together. */
export function checkGroup(lines: GroupLines, reporter: Reporter): void {
  const [first] = lines.peers;
  if (first === undefined) return;
  if (lines.clusterKey === undefined) {
    const hint = `add the same line to the file of every server: ${directives.clusterKey.example}`;
    reporter.error(first.name, 'there are peers, but no `cluster_key`', hint);
  }
  checkTwins(lines.peers, reporter);
  checkLoopback(lines.peers, reporter);
  for (const line of lines.peers) checkTimeouts(line, reporter);
  checkPartition(lines, reporter);
  checkPorts(lines, reporter);
  checkStateDir(lines, reporter);
  checkProxy(lines, reporter);
  checkUnshared(lines.streams, reporter);
  const surplus = lines.peers[serversMax];
  if (surplus !== undefined) {
    reporter.warning(
      surplus.name,
      `a group is made for ${serversMax} servers at most: this one has ${lines.peers.length}`,
    );
  }
}

function checkTwins(peers: readonly PeerLine[], reporter: Reporter): void {
  const names = new Map<string, Word>();
  const addresses = new Map<string, Word>();
  for (const { peer, name } of peers) {
    // Names that differ only in letters' case or in what files can't hold would share a host or a folder.
    const sameName = remember(names, fileName(peer.name).toLowerCase(), name);
    if (sameName !== undefined) {
      reporter.error(
        name,
        `peer ${reporter.quote(name)} is given twice`,
        `it stands on ${whereIs(sameName, name)} already`,
      );
      continue;
    }
    const sameAddress = remember(addresses, `${peer.host.toLowerCase()}:${peer.port}`, name);
    if (sameAddress !== undefined) {
      const message = `peer ${reporter.quote(name)} has the address of ${reporter.quote(sameAddress)}: ${peer.host}:${peer.port}`;
      reporter.error(
        name,
        message,
        `that one stands on ${whereIs(sameAddress, name)}; two servers on one machine differ by port`,
      );
    }
  }
}

/** The word that was remembered for this key before; remembers this one when there was none. */
function remember(words: Map<string, Word>, key: string, word: Word): Word | undefined {
  const earlier = words.get(key);
  if (earlier === undefined) words.set(key, word);
  return earlier;
}

function checkTimeouts({ peer, name, fetchTimeout, staleTimeout }: PeerLine, reporter: Reporter): void {
  if (fetchTimeout === undefined && staleTimeout === undefined) return;
  const fetch = formatDuration(peer.fetchTimeout);
  const stale = formatDuration(peer.staleTimeout);
  if (peer.fetchTimeout * fetchesWanted > peer.staleTimeout) {
    reporter.warning(
      staleTimeout ?? fetchTimeout ?? name,
      `fewer than ${fetchesWanted} fetches (${fetch} each) fit into stale_timeout (${stale}): one lost exchange may look like death`,
      `stale_timeout ${formatDuration(millis(peer.fetchTimeout * fetchesWanted))} or more, or a shorter fetch_timeout`,
    );
  }
  if (staleTimeout !== undefined && peer.staleTimeout < smallStaleTimeout) {
    reporter.warning(
      staleTimeout,
      `stale_timeout ${stale} is so small that a loaded server will look dead: loss can't be told from long delay`,
      `${formatDuration(fallbackOf(directives.staleTimeout))} is the default; a process that dies is noticed at once, whatever it is`,
    );
  }
}

function checkPartition({ config, peers, partition }: GroupLines, reporter: Reporter): void {
  if (config.partition !== 'majority' || partition === undefined || peers.length !== 2) return;
  const message = '`partition majority` with two servers: neither is a majority, so the death of one would stop both';
  reporter.error(firstWord(partition), message, 'add a third server, or leave the line out');
}

/** To each server a loopback address is itself: among servers of other machines it names nobody. */
function checkLoopback(peers: readonly PeerLine[], reporter: Reporter): void {
  const isLocal = ({ peer }: PeerLine): boolean => isLoopback(bareHost(peer.host));
  const local = peers.find(isLocal);
  if (local === undefined || peers.every(isLocal)) return;
  const message = `peer ${reporter.quote(local.name)} is at ${local.peer.host}, which is every machine itself: from other machines nobody reaches it`;
  reporter.warning(local.name, message, 'give it the address at which the other servers reach it');
}

/** `http` rules over the port of a peer's own line: two servers on one machine would then want the same port. */
function checkPorts({ config, peers, http }: GroupLines, reporter: Reporter): void {
  if (config.http === undefined || http === undefined) return;
  const { port } = config.http;
  const other = peers.find(({ peer }) => peer.port !== port && sharesHost(peer, peers));
  if (other === undefined) return;
  const message = `every server listens on port ${port}, but peers expect ${reporter.quote(other.name)} at ${other.peer.host}:${other.peer.port}`;
  reporter.warning(
    firstWord(http),
    message,
    'leave `http` out, and each server listens on the port of its own peer line',
  );
}

function checkStateDir({ config, peers, stateDir }: GroupLines, reporter: Reporter): void {
  if (stateDir === undefined || config.stateDir.includes(namePlaceholder)) return;
  const twin = peers.find(({ peer }) => sharesHost(peer, peers));
  if (twin === undefined) return;
  const message = `servers on ${twin.peer.host} would share one state_dir`;
  reporter.error(firstWord(stateDir), message, `put \`${namePlaceholder}\`, the name of the server, into the path`);
}

function sharesHost(peer: PeerConfig, peers: readonly PeerLine[]): boolean {
  return peers.some((other) => other.peer !== peer && other.peer.host.toLowerCase() === peer.host.toLowerCase());
}

/** A proxy that tells nothing of itself, as nginx without `proxy_set_header`, makes every visitor one from the server itself. */
function checkProxy({ peers, editAuth }: GroupLines, reporter: Reporter): void {
  const behindProxy = peers.find((line) => line.publicUrl !== undefined)?.publicUrl;
  if (editAuth !== undefined || behindProxy === undefined) return;
  const message =
    'there is no `edit_auth`: if this is the address of a proxy on the server, all who reach it may drain and reload';
  reporter.warning(behindProxy, message, `add a line such as ${directives.editAuth.example}`);
}

function checkUnshared(streams: readonly StreamLine[], reporter: Reporter): void {
  for (const { name, isUnshared } of streams) {
    if (!isUnshared) continue;
    const message = `stream ${reporter.quote(name)} has no \`cluster_ingest\`: every server captures it for itself`;
    reporter.warning(name, message, 'add `cluster_ingest;` and the group captures it once');
  }
}
