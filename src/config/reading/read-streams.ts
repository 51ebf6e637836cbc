import { nearest } from '../../units/nearest.ts';
import { directives } from '../language/directives.ts';
import type { PeerConfig, StreamConfig } from '../model/config.ts';
import type { Word } from '../syntax/lexer.ts';
import type { Reporter } from '../syntax/reporter.ts';
import { whereIs } from '../syntax/source-text.ts';
import { firstWord, type Node } from '../syntax/syntax-tree.ts';
import { fallbackOf, type Reading } from './reading.ts';
import { Section } from './section.ts';
import { readStreamSettings, type StreamSettings, type UrlWord } from './stream-settings.ts';

/** A stream as the file has it, with what later checks need. */
export interface StreamLine {
  readonly stream: StreamConfig;
  readonly name: Word;
  /** Its sources, where they stand: in the stream or in its template. */
  readonly urls: readonly UrlWord[];
  /** The root of its archive, where it stands: in the stream or in its template. */
  readonly dvrWord: Word | undefined;
  /** Neither the stream nor its template asks for `cluster_ingest`. */
  readonly isUnshared: boolean;
}

/** Reads templates, then streams: all whose blocks are right, in the order of the file. */
export function readStreams(file: Section, peers: readonly PeerConfig[], reporter: Reporter): StreamLine[] {
  return new StreamReader(file, peers, reporter).read();
}

const nothing: StreamSettings = {
  sources: [],
  urls: [],
  clusterIngest: undefined,
  asksForIngest: false,
  sourceTimeout: undefined,
  segmentDuration: undefined,
  dvr: undefined,
  dvrWord: undefined,
};

class StreamReader {
  readonly #file: Section;
  readonly #peers: readonly PeerConfig[];
  readonly #reporter: Reporter;
  readonly #templates = new Map<string, StreamSettings>();

  constructor(file: Section, peers: readonly PeerConfig[], reporter: Reporter) {
    this.#file = file;
    this.#peers = peers;
    this.#reporter = reporter;
  }

  read(): StreamLine[] {
    const templates = new Map<string, Word>();
    for (const { node, values } of this.#file.all(directives.template)) {
      const settings = this.#settings(this.#section(node));
      if (this.#isNew(node, templates)) this.#templates.set(values[0], settings);
    }
    const streams = new Map<string, Word>();
    return this.#file.all(directives.stream).flatMap((reading) => {
      const line = this.#stream(reading);
      return this.#isNew(reading.node, streams) && line !== undefined ? [line] : [];
    });
  }

  /** The stream's own settings over those of its template; undefined when it would have no source. */
  #stream({ node, values: [name] }: Reading<typeof directives.stream.args>): StreamLine | undefined {
    const section = this.#section(node);
    const own = this.#settings(section);
    const use = section.one(directives.useTemplate);
    const template = use === undefined ? nothing : this.#template(use);
    const isWhole = template !== undefined && section.has(directives.useTemplate) === (use !== undefined);
    const { sources, urls } = own.sources.length > 0 ? own : (template ?? nothing);
    if (sources.length === 0) {
      if (isWhole && !section.has(directives.url)) this.#reportNoSource(firstWord(node));
      return undefined;
    }
    return {
      stream: {
        name,
        sources,
        clusterIngest: own.clusterIngest ?? template?.clusterIngest,
        sourceTimeout: own.sourceTimeout ?? template?.sourceTimeout ?? fallbackOf(directives.sourceTimeout),
        segmentDuration: own.segmentDuration ?? template?.segmentDuration ?? fallbackOf(directives.segmentDuration),
        dvr: (own.dvr ?? template?.dvr) || undefined,
      },
      name: firstWord(node),
      urls,
      dvrWord: own.dvrWord ?? template?.dvrWord,
      isUnshared: isWhole && !own.asksForIngest && !template.asksForIngest,
    };
  }

  #section(node: Node): Section {
    return new Section(node.block ?? { place: 'stream', nodes: [], title: '', line: undefined }, this.#reporter);
  }

  #settings(section: Section): StreamSettings {
    return readStreamSettings(section, this.#peers, this.#reporter);
  }

  #isNew(node: Node, names: Map<string, Word>): boolean {
    const word = firstWord(node);
    const earlier = names.get(word.value);
    if (earlier === undefined) {
      names.set(word.value, word);
      return true;
    }
    const message = `${node.name.value} ${this.#reporter.quote(word)} is given twice`;
    this.#reporter.error(word, message, `it stands on ${whereIs(earlier, word)} already`);
    return false;
  }

  #template({ node, values: [name] }: Reading<typeof directives.useTemplate.args>): StreamSettings | undefined {
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

  #reportNoSource(name: Word): void {
    this.#reporter.error(
      name,
      `stream ${this.#reporter.quote(name)} has no source`,
      `add a line such as ${directives.url.example}`,
    );
  }
}
