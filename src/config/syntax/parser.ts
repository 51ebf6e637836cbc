import type { Directive, Place } from '../language/directive.ts';
import { directiveAt, directivesNamed } from '../language/lookup.ts';
import { Discretion } from './discretion.ts';
import { type Mark, tokenize, type Word } from './lexer.ts';
import type { Reporter } from './reporter.ts';
import type { SourceText } from './source-text.ts';
import type { Block, Node } from './syntax-tree.ts';

/** Reads the structure of any text: directives and blocks. Never throws; what is wrong is reported, and the rest still read. */
export function parse(source: SourceText, reporter: Reporter): Block {
  return new Parser(source, reporter).run();
}

interface OpenBlock {
  readonly opener: Word | Mark;
  readonly words: readonly Word[];
  readonly directive: Directive | undefined;
  readonly place: Place | undefined;
  readonly isSecret: boolean;
  readonly title: string;
  readonly nodes: Node[];
}

/** A stack of open blocks instead of recursion: text can nest deeper than a call stack. */
class Parser {
  readonly #source: SourceText;
  readonly #reporter: Reporter;
  readonly #discretion: Discretion;
  readonly #top: Node[] = [];
  readonly #open: OpenBlock[] = [];
  /** The words of the directive that is being read. */
  #words: Word[] = [];
  /** Blocks that were closed for the author: as many `}` too many are no second mistake. */
  #forgiven = 0;

  constructor(source: SourceText, reporter: Reporter) {
    this.#source = source;
    this.#reporter = reporter;
    this.#discretion = new Discretion(reporter);
  }

  run(): Block {
    const tokens = tokenize(this.#source);
    this.#reporter.addFile(this.#source, tokens);
    for (const token of tokens) {
      if (token.kind === 'word') this.#word(token);
      else if (token.kind === ';') this.#end();
      else if (token.kind === '{') this.#openBlock(token);
      else this.#closeBlock(token);
    }
    if (this.#words.length > 0) this.#endWithoutSemicolon('at the end of the file');
    while (this.#open.length > 0) this.#reportUnclosed();
    return { place: 'file', nodes: this.#top, title: this.#source.file, line: undefined };
  }

  #word(word: Word): void {
    if (word.open)
      this.#reporter.error(
        word,
        'a quote is not closed on its line',
        'close it with `"`; write \\" for a quote inside',
      );
    if (this.#words.length > 0 && this.#beginsDirective(word)) this.#endWithoutSemicolon(`before line ${word.line}`);
    if (this.#words.length === 0) this.#closeForgottenBlocks(word);
    this.#words.push(word);
  }

  /** A known name at the start of a line, while the directive before it still waits for its `;`. */
  #beginsDirective(word: Word): boolean {
    if (!word.firstOnLine || word.bare !== word.value.length) return false;
    return (directiveAt(word.value, this.#place) ?? directiveAt(word.value, 'file')) !== undefined;
  }

  get #place(): Place | undefined {
    const inner = this.#open.at(-1);
    return inner === undefined ? 'file' : inner.place;
  }

  get #isInSecret(): boolean {
    return this.#open.at(-1)?.isSecret ?? false;
  }

  /** A `stream` at the start of a line inside a `stream`: the block before it was not closed. Goes on as if it had been. */
  #closeForgottenBlocks(word: Word): void {
    const inner = this.#open.at(-1);
    if (inner === undefined || !word.firstOnLine || directiveAt(word.value, inner.place) !== undefined) return;
    const meaning = directiveAt(word.value, 'file');
    if (meaning === undefined) return;
    const isOutdented = word.column <= inner.opener.column;
    const opensBlock = meaning.block !== undefined && inner.place !== undefined;
    if (isOutdented || opensBlock) this.#closeAll(word, inner);
  }

  #closeAll(word: Word, inner: OpenBlock): void {
    this.#reporter.reveal(word);
    this.#reporter.error(
      word,
      `${this.#reporter.quote(word)} inside \`${inner.title}\`, which began on line ${inner.opener.line} and is still open`,
      `close \`${inner.title}\` with \`}\` before this line`,
    );
    this.#forgiven += this.#open.length;
    while (this.#open.length > 0) this.#attachBlock();
  }

  #endWithoutSemicolon(where: string): void {
    const [name] = this.#words;
    const last = this.#words.at(-1);
    const isKnown = name !== undefined && directivesNamed(name.value).length > 0;
    this.#end();
    // Of something unknown, that alone is said: it may be prose.
    if (isKnown && last !== undefined && !last.open) {
      this.#reporter.error(last, `\`;\` is missing at the end of \`${name.value}\``, `put \`;\` ${where}`);
    }
  }

  #end(): void {
    const node = this.#takeWords();
    if (node !== undefined) this.#nodes.push({ ...node, block: undefined });
    this.#words = [];
  }

  get #nodes(): Node[] {
    return this.#open.at(-1)?.nodes ?? this.#top;
  }

  /** The directive read so far; what of it may be shown is decided here. */
  #takeWords(): Omit<Node, 'block'> | undefined {
    const [name, ...args] = this.#words;
    if (name === undefined) return undefined;
    const directive = directiveAt(name.value, this.#place);
    this.#discretion.consider(this.#words, directive, this.#isInSecret);
    return { name, args, directive };
  }

  #openBlock(mark: Mark): void {
    this.#closeBeforeDefinition();
    const node = this.#takeWords();
    const opener = node?.name ?? mark;
    if (node === undefined) this.#reporter.error(mark, 'a block without a name', 'write its directive before `{`');
    const meanings = node === undefined ? [] : directivesNamed(node.name.value);
    this.#open.push({
      opener,
      words: this.#words,
      directive: node?.directive,
      place: node?.directive?.block,
      isSecret: this.#isInSecret || meanings.some((meaning) => meaning.secret),
      title: this.#title(),
      nodes: [],
    });
    this.#words = [];
  }

  /** `template NAME {` inside a `stream`: only the brace tells that this is no use of a template but the definition of one. */
  #closeBeforeDefinition(): void {
    const [name] = this.#words;
    const inner = this.#open.at(-1);
    if (name === undefined || inner?.place === undefined) return;
    const here = directiveAt(name.value, inner.place);
    const outside = directiveAt(name.value, 'file');
    if (here !== undefined && here.block === undefined && outside?.block !== undefined) this.#closeAll(name, inner);
  }

  #title(): string {
    const [name, first] = this.#words;
    const shown = [name, first].map((word) => word && this.#reporter.shown(word)).filter((text) => text !== undefined);
    return shown.length === 0 ? '{' : shown.join(' ');
  }

  #closeBlock(mark: Mark): void {
    if (this.#words.length > 0) this.#endWithoutSemicolon('before the `}`');
    if (this.#open.length > 0) this.#attachBlock();
    else if (this.#forgiven > 0) this.#forgiven -= 1;
    else this.#reporter.error(mark, '`}` closes nothing', 'remove it; or is a `{` missing before?');
  }

  #attachBlock(): void {
    const inner = this.#open.pop();
    if (inner === undefined) return;
    const [name, ...args] = inner.words;
    if (name === undefined) return;
    const { place, nodes, title, opener, directive } = inner;
    this.#nodes.push({ name, args, directive, block: { place, nodes, title, line: opener.line } });
  }

  #reportUnclosed(): void {
    const inner = this.#open.at(-1);
    if (inner !== undefined)
      this.#reporter.error(
        inner.opener,
        `the block of \`${inner.title}\` is not closed`,
        'put `}` behind its last line',
      );
    this.#attachBlock();
  }
}
