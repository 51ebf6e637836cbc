import { directives } from '../language/directives.ts';
import type { Listen, PeerConfig } from '../model/config.ts';
import type { Word } from '../syntax/lexer.ts';
import type { Reporter } from '../syntax/reporter.ts';
import { firstWord } from '../syntax/syntax-tree.ts';
import { type Address, address } from '../values/address.ts';
import { fallbackOf, type Reading } from './reading.ts';
import { Section } from './section.ts';

/** A server listens here, and is reached here, when nothing in the file names a port. */
export const defaultPort = 8080;

/** A peer as the file has it, with the words that later checks point at. */
export interface PeerLine {
  readonly peer: PeerConfig;
  readonly name: Word;
  /** Absent where the default is in force. */
  readonly fetchTimeout: Word | undefined;
  readonly staleTimeout: Word | undefined;
  readonly publicUrl: Word | undefined;
  /** A line without a block. */
  readonly isBare: boolean;
}

/** All peers whose lines are right, in the order of the file. */
export function readPeers(file: Section, http: Listen | undefined, reporter: Reporter): PeerLine[] {
  const groupPort = http?.port ?? defaultPort;
  return joinBare(
    file.all(directives.peer).map((reading) => readPeer(reading, groupPort, reporter)),
    reporter,
  );
}

function readPeer({ node, values: [name] }: PeerReading, groupPort: number, reporter: Reporter): PeerLine {
  const section = new Section(node.block ?? emptyBlock, reporter);
  const fetchTimeout = section.one(directives.fetchTimeout);
  const staleTimeout = section.one(directives.staleTimeout);
  const publicUrl = section.one(directives.publicUrl);
  const named = parseAddress(name);
  const { host, port } = section.one(directives.address)?.values[0] ?? named;
  const reachedAt = { host, port: port ?? named.port ?? groupPort };
  const peer: PeerConfig = {
    name,
    ...reachedAt,
    publicUrl: publicUrl?.values[0] ?? `http://${reachedAt.host}:${reachedAt.port}`,
    fetchTimeout: fetchTimeout?.values[0] ?? fallbackOf(directives.fetchTimeout),
    staleTimeout: staleTimeout?.values[0] ?? fallbackOf(directives.staleTimeout),
    weight: section.one(directives.weight)?.values[0] ?? fallbackOf(directives.weight),
  };
  return {
    peer,
    name: firstWord(node),
    fetchTimeout: fetchTimeout && firstWord(fetchTimeout.node),
    staleTimeout: staleTimeout && firstWord(staleTimeout.node),
    publicUrl: publicUrl && firstWord(publicUrl.node),
    isBare: node.block === undefined,
  };
}

type PeerReading = Reading<typeof directives.peer.args>;

/** The name has been read as an address before; this only splits it. */
function parseAddress(name: string): Address {
  const parsed = address.parse(name);
  return parsed.ok ? parsed.value : { host: name, port: undefined };
}

/**
 * A list of bare names may be followed by the settings of one of them: the two lines are one peer, in the first one's place.
 * All other repetitions stay, for `checkGroup` to report.
 */
function joinBare(lines: readonly PeerLine[], reporter: Reporter): PeerLine[] {
  const joined: PeerLine[] = [];
  const places = new Map<string, number>();
  for (const line of lines) {
    const place = places.get(line.peer.name);
    const earlier = place === undefined ? undefined : joined[place];
    if (place === undefined || earlier === undefined || earlier.isBare === line.isBare) {
      places.set(line.peer.name, joined.length);
      joined.push(line);
      continue;
    }
    const [bare, full] = earlier.isBare ? [earlier, line] : [line, earlier];
    const message = `peer ${reporter.quote(bare.name)} stands on line ${full.name.line}, too: its settings there count`;
    reporter.warning(bare.name, message, 'one of the two lines is enough');
    joined[place] = full;
  }
  return joined;
}

const emptyBlock = { place: 'peer', nodes: [], title: 'peer', line: undefined } as const;
