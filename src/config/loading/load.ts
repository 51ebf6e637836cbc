import { directives } from '../language/directives.ts';
import type { Config, Diagnostic } from '../model/config.ts';
import { buildConfig } from '../reading/build-config.ts';
import { readArguments } from '../reading/reading.ts';
import { parse } from '../syntax/parser.ts';
import { Reporter } from '../syntax/reporter.ts';
import { type SourceText, type Span, startOf } from '../syntax/source-text.ts';
import { type Block, firstWord, type Node } from '../syntax/syntax-tree.ts';
import { pathFrom } from './file-path.ts';
import { isPattern, matchingPaths } from './glob.ts';
import { checkFiles } from './missing-files.ts';

/** The port to the disk on which configurations lie; `adapters/disk/config-files.ts` in production. Rejects never. */
export interface ConfigFiles {
  readText(path: string): Promise<FileText>;
  /** Names in the folder, in any order; none when there is no such folder or it can't be read. */
  listFolder(path: string): Promise<readonly string[]>;
}

export type FileText =
  | { readonly kind: 'text'; readonly text: string }
  /** `reason` continues "can't be read: ". */
  | { readonly kind: 'unreadable'; readonly reason: string };

export interface LoadedConfig {
  /** Undefined when a diagnostic is an error. */
  readonly config: Config | undefined;
  /** All findings, in the order of the text. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Files that include files deeper than this include each other, by links or by mistake. */
const includeDepthMax = 16;
/** Bounds what a few files that include each other many times can cost. */
const includeFilesMax = 1000;

/** Reads a configuration and everything that it includes. Rejects never. */
export async function loadConfig(path: string, files: ConfigFiles): Promise<LoadedConfig> {
  const reporter = new Reporter();
  const tree = await new Loader(files, reporter).load(path);
  const config = tree && buildConfig(tree, reporter);
  if (tree !== undefined && config !== undefined)
    await checkFiles(tree, (folder) => files.listFolder(folder), reporter);
  return { config, diagnostics: reporter.diagnostics() };
}

/** Reads one text that can include no other; `file` is its name in diagnostics. */
export function parseConfig(text: string, file: string): LoadedConfig {
  const reporter = new Reporter();
  const tree = parse({ file, text }, reporter);
  for (const { name, directive } of tree.nodes) {
    if (directive === directives.include) reporter.error(name, 'a text by itself can include no file');
  }
  const config = buildConfig(tree, reporter);
  return { config, diagnostics: reporter.diagnostics() };
}

class Loader {
  readonly #files: ConfigFiles;
  readonly #reporter: Reporter;
  #count = 0;

  constructor(files: ConfigFiles, reporter: Reporter) {
    this.#files = files;
    this.#reporter = reporter;
  }

  async load(path: string): Promise<Block | undefined> {
    const read = await this.#files.readText(path);
    const source: SourceText = { file: path, text: read.kind === 'text' ? read.text : '' };
    if (read.kind === 'text') return this.#tree(source, [pathFrom('', path)]);
    this.#reporter.addFile(source, []);
    this.#reporter.error(startOf(source), `the file can't be read: ${read.reason}`);
    return undefined;
  }

  /** The tree of one file with the directives of included files in the place of each `include`. */
  async #tree(source: SourceText, chain: readonly string[]): Promise<Block> {
    const block = parse(source, this.#reporter);
    const nodes: Node[] = [];
    for (const node of block.nodes) {
      if (node.directive !== directives.include) nodes.push(node);
      else for (const included of await this.#include(node, chain)) nodes.push(included);
    }
    return { ...block, nodes };
  }

  async #include(node: Node, chain: readonly string[]): Promise<readonly Node[]> {
    if (node.block !== undefined) {
      this.#reporter.error(node.name, '`include` takes no block', `for example: ${directives.include.example}`);
      return [];
    }
    const pattern = readArguments(directives.include, node, this.#reporter)?.values[0];
    if (pattern === undefined) return [];
    const span = firstWord(node);
    const path = pathFrom(span.source.file, pattern);
    const paths = isPattern(path) ? await matchingPaths(path, (folder) => this.#files.listFolder(folder)) : [path];
    if (paths.length === 0) this.#reporter.warning(span, 'no file matches this pattern');
    const nodes: Node[] = [];
    for (const included of paths) nodes.push(...(await this.#includeFile(included, span, chain)));
    return nodes;
  }

  async #includeFile(path: string, span: Span, chain: readonly string[]): Promise<readonly Node[]> {
    const inside = pathFrom('', path);
    if (chain.includes(inside)) {
      this.#reporter.error(
        span,
        `the file includes itself: ${[...chain.slice(chain.indexOf(inside)), inside].join(' → ')}`,
      );
      return [];
    }
    if (chain.length > includeDepthMax) {
      this.#reporter.error(span, `files include each other deeper than ${includeDepthMax} times`);
      return [];
    }
    this.#count += 1;
    if (this.#count > includeFilesMax) {
      if (this.#count === includeFilesMax + 1)
        this.#reporter.error(span, `more than ${includeFilesMax} files are included`);
      return [];
    }
    const read = await this.#files.readText(path);
    if (read.kind !== 'text') {
      this.#reporter.error(span, `${path} can't be read: ${read.reason}`);
      return [];
    }
    return (await this.#tree({ file: path, text: read.text }, [...chain, inside])).nodes;
  }
}
