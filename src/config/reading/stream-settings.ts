import { nearest } from '../../units/nearest.ts';
import { directives } from '../language/directives.ts';
import type { ClusterIngestConfig, DvrConfig, PeerConfig, SourceConfig, StreamConfig } from '../model/config.ts';
import type { Word } from '../syntax/lexer.ts';
import type { Reporter } from '../syntax/reporter.ts';
import { firstWord } from '../syntax/syntax-tree.ts';
import { optionFallback, type Reading, valueSpan } from './reading.ts';
import type { Section } from './section.ts';

/** A stream with more sources than this is a mistake of a script. */
const sourcesMax = 16;

export interface UrlWord {
  readonly url: string;
  readonly word: Word;
}

/** What one block of a stream or template says; absent is what it leaves to others. */
export interface StreamSettings {
  readonly sources: readonly SourceConfig[];
  /** Where they stand. */
  readonly urls: readonly UrlWord[];
  readonly clusterIngest: ClusterIngestConfig | undefined;
  /** There is a `cluster_ingest` line, right or wrong. */
  readonly asksForIngest: boolean;
  readonly sourceTimeout: StreamConfig['sourceTimeout'] | undefined;
  readonly segmentDuration: StreamConfig['segmentDuration'] | undefined;
  /** False: `off`, whatever the template says. */
  readonly dvr: DvrConfig | false | undefined;
  readonly dvrWord: Word | undefined;
}

export function readStreamSettings(section: Section, peers: readonly PeerConfig[], reporter: Reporter): StreamSettings {
  const urls = section.all(directives.url);
  const tooMany = urls[sourcesMax];
  if (tooMany !== undefined) reporter.error(tooMany.node.name, `a stream has ${sourcesMax} sources at most`);
  const ingest = section.one(directives.clusterIngest);
  const dvr = section.one(directives.dvr);
  return {
    sources: urls.map(({ values: [source] }) => source),
    urls: urls.map(({ node, values: [{ url }] }) => ({ url, word: firstWord(node) })),
    clusterIngest: ingest && readIngest(ingest, peers, reporter),
    asksForIngest: section.has(directives.clusterIngest),
    sourceTimeout: section.one(directives.sourceTimeout)?.values[0],
    segmentDuration: section.one(directives.segmentDuration)?.values[0],
    dvr: dvr && readDvr(dvr, reporter),
    dvrWord: dvr && firstWord(dvr.node),
  };
}

type DvrReading = Reading<typeof directives.dvr.args, typeof directives.dvr.options>;

function readDvr(
  { node, values: [root, mostAge, mostBytes], options: { free } }: DvrReading,
  reporter: Reporter,
): DvrConfig | false {
  if (root !== false)
    return { root, mostAge, mostBytes, freePercent: free ?? optionFallback(directives.dvr.options.free) };
  const surplus = node.args[1];
  if (surplus !== undefined) reporter.error(surplus, '`dvr off` takes nothing more', 'a folder of that name is ./off');
  return false;
}

type IngestReading = Reading<typeof directives.clusterIngest.args, typeof directives.clusterIngest.options>;

function readIngest(
  { options, optionWords }: IngestReading,
  peers: readonly PeerConfig[],
  reporter: Reporter,
): ClusterIngestConfig {
  const { capture_at: captureAt, handover = 'seamless' } = options;
  const word = optionWords.get('capture_at');
  if (captureAt === undefined || word === undefined || peers.some(({ name }) => name === captureAt)) {
    return { captureAt, handover };
  }
  const span = valueSpan(word, 'capture_at='.length);
  const subject = reporter.quote(word, captureAt);
  if (peers.length === 0) {
    const message = `capture_at names ${subject}, but there are no peers: this server captures the stream`;
    reporter.warning(span, message, 'a `peer` line for every server makes a group');
  } else {
    reporter.error(span, `capture_at names no peer: ${subject}`, peerHint(captureAt, peers));
  }
  return { captureAt: undefined, handover };
}

function peerHint(name: string, peers: readonly PeerConfig[]): string {
  const names = peers.map((peer) => peer.name);
  const near = nearest(name, names);
  if (near !== undefined) return `did you mean \`${near}\`?`;
  return `the peers are ${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''}`;
}
