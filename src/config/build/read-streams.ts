import { nearest } from '../../units/nearest.ts';
import type { ClusterIngestConfig, PeerConfig, SourceConfig, StreamConfig } from '../config.ts';
import { directives } from '../language/directives.ts';
import type { Word } from '../syntax/lexer.ts';
import type { Reporter } from '../syntax/reporter.ts';
import { firstWord, type Node } from '../syntax/syntax-tree.ts';
import { fallbackOf, type Reading, valueSpan } from './reading.ts';
import { Section } from './section.ts';

/** A stream with more sources than this is a mistake of a script. */
const sourcesMax = 16;

/** A stream as the file has it, with its name for later checks. */
export interface StreamLine {
  readonly stream: StreamConfig;
  readonly name: Word;
}

/** What a block of a stream or template says; absent is what it leaves to others. */
interface Settings {
  readonly sources: readonly SourceConfig[];
  readonly clusterIngest: ClusterIngestConfig | undefined;
  readonly sourceTimeout: StreamConfig['sourceTimeout'] | undefined;
  readonly segmentDuration: StreamConfig['segmentDuration'] | undefined;
}

/** Reads templates, then streams: all whose blocks are right, in the order of the file. */
export function readStreams(file: Section, peers: readonly PeerConfig[], reporter: Reporter): StreamLine[] {
  return new StreamReader(file, peers, reporter).read();
}

class StreamReader {
  readonly #file: Section;
  readonly #peers: readonly PeerConfig[];
  readonly #reporter: Reporter;
  readonly #templates = new Map<string, Settings>();

  constructor(file: Section, peers: readonly PeerConfig[], reporter: Reporter) {
    this.#file = file;
    this.#peers = peers;
    this.#reporter = reporter;
  }

  read(): StreamLine[] {
    const earlier = new Map<string, Word>();
    for (const { node, values } of this.#file.all(directives.template)) {
      const settings = this.#settings(this.#section(node));
      if (this.#isNew(node, values[0], earlier)) this.#templates.set(values[0], settings);
    }
    const names = new Map<string, Word>();
    return this.#file.all(directives.stream).flatMap(({ node, values: [name] }) => {
      const isNew = this.#isNew(node, name, names);
      const settings = this.#merged(node);
      if (!isNew || settings === undefined) return [];
      const { sources, clusterIngest } = settings;
      const sourceTimeout = settings.sourceTimeout ?? fallbackOf(directives.sourceTimeout);
      const segmentDuration = settings.segmentDuration ?? fallbackOf(directives.segmentDuration);
      return [{ stream: { name, sources, clusterIngest, sourceTimeout, segmentDuration }, name: firstWord(node) }];
    });
  }

  #section(node: Node): Section {
    return new Section(node.block ?? { place: 'stream', nodes: [], title: '', line: undefined }, this.#reporter);
  }

  #isNew(node: Node, name: string, earlier: Map<string, Word>): boolean {
    const word = firstWord(node);
    const first = earlier.get(name);
    if (first === undefined) {
      earlier.set(name, word);
      return true;
    }
    const where = first.source === word.source ? `line ${first.line}` : `${first.source.file}:${first.line}`;
    const message = `\`${node.name.value}\` ${this.#reporter.quote(word)} is given twice`;
    this.#reporter.error(word, message, `it stands on ${where} already`);
    return false;
  }

  /** The stream's own settings over those of its template; undefined when it would have no source. */
  #merged(node: Node): Settings | undefined {
    const section = this.#section(node);
    const own = this.#settings(section);
    const use = section.one(directives.useTemplate);
    const template = use && this.#template(use);
    const sources = own.sources.length > 0 ? own.sources : (template?.sources ?? []);
    if (sources.length === 0) {
      const isReported = section.has(directives.url) || (section.has(directives.useTemplate) && template === undefined);
      if (!isReported)
        this.#reporter.error(
          firstWord(node),
          `stream ${this.#reporter.quote(firstWord(node))} has no source`,
          `add a line such as ${directives.url.example}`,
        );
      return undefined;
    }
    return {
      sources,
      clusterIngest: own.clusterIngest ?? template?.clusterIngest,
      sourceTimeout: own.sourceTimeout ?? template?.sourceTimeout,
      segmentDuration: own.segmentDuration ?? template?.segmentDuration,
    };
  }

  #template({ node, values: [name] }: Reading<typeof directives.useTemplate.args>): Settings | undefined {
    const template = this.#templates.get(name);
    if (template === undefined) {
      const word = firstWord(node);
      const near = nearest(name, this.#templates.keys());
      const hint =
        near === undefined ? 'define it outside all blocks: template NAME { … }' : `did you mean \`${near}\`?`;
      this.#reporter.error(word, `there is no template ${this.#reporter.quote(word)}`, hint);
    }
    return template;
  }

  #settings(section: Section): Settings {
    const urls = section.all(directives.url);
    const tooMany = urls[sourcesMax];
    if (tooMany !== undefined) this.#reporter.error(tooMany.node.name, `a stream has ${sourcesMax} sources at most`);
    const ingest = section.one(directives.clusterIngest);
    return {
      sources: urls.map(({ values: [source] }) => source),
      clusterIngest: ingest && this.#clusterIngest(ingest),
      sourceTimeout: section.one(directives.sourceTimeout)?.values[0],
      segmentDuration: section.one(directives.segmentDuration)?.values[0],
    };
  }

  #clusterIngest(reading: IngestReading): ClusterIngestConfig {
    const { capture_at: captureAt, handover = 'seamless' } = reading.options;
    const word = reading.optionWords.get('capture_at');
    if (captureAt === undefined || word === undefined || this.#peers.some(({ name }) => name === captureAt)) {
      return { captureAt, handover };
    }
    const span = valueSpan(word, 'capture_at='.length);
    const subject = this.#reporter.quote(word, captureAt);
    if (this.#peers.length === 0) {
      this.#reporter.warning(
        span,
        `${subject} is no peer: there are none, and this server captures the stream`,
        `add peer ${captureAt};`,
      );
      return { captureAt: undefined, handover };
    }
    const near = nearest(
      captureAt,
      this.#peers.map(({ name }) => name),
    );
    this.#reporter.error(
      span,
      `capture_at names no peer: ${subject}`,
      near === undefined ? peersHint(this.#peers) : `did you mean \`${near}\`?`,
    );
    return { captureAt: undefined, handover };
  }
}

type IngestReading = Reading<typeof directives.clusterIngest.args, typeof directives.clusterIngest.options>;

function peersHint(peers: readonly PeerConfig[]): string {
  const shown = peers.slice(0, 5).map(({ name }) => name);
  return `the peers are ${shown.join(', ')}${peers.length > shown.length ? ', …' : ''}`;
}
