import type { Diagnostic } from '../model/config.ts';
import { excerptOf } from './excerpt.ts';
import type { Token, Word } from './lexer.ts';
import { shownText } from './secret-text.ts';
import type { SourceText, Span } from './source-text.ts';

/** A file with more mistakes than this is no configuration; the rest is left out, so that garbage costs little. */
const diagnosticsMax = 500;

interface Finding {
  readonly severity: Diagnostic['severity'];
  readonly span: Span;
  readonly message: string;
  readonly hint: string | undefined;
}

/**
 * Collects what is wrong with the text. What a diagnostic shows of the file is only what was revealed before:
 * a word is a secret until its directive and place say otherwise, so that a slip of the pen publishes no key.
 */
export class Reporter {
  readonly #findings: Finding[] = [];
  readonly #revealed = new Set<Token>();
  readonly #files = new Map<SourceText, readonly Token[]>();
  #errors = 0;

  /** Announces a file; diagnostics come out in the order in which files were announced. */
  addFile(source: SourceText, tokens: readonly Token[]): void {
    this.#files.set(source, tokens);
  }

  /** The word is no secret: messages and excerpts may show it (credentials in URLs are masked all the same). */
  reveal(word: Word): void {
    this.#revealed.add(word);
  }

  /** The word turned out to be a piece of a secret. */
  conceal(word: Word): void {
    this.#revealed.delete(word);
  }

  /** The word, or a part of it, for eyes; undefined when it must not be shown. */
  shown(word: Word, text = word.value): string | undefined {
    return this.#revealed.has(word) ? shownText(text) : undefined;
  }

  /** The same in backquotes, as it stands in messages. */
  quote(word: Word, text = word.value): string {
    const shown = this.shown(word, text);
    return shown === undefined ? 'this' : `\`${shown}\``;
  }

  error(span: Span, message: string, hint?: string): void {
    this.#add({ severity: 'error', span, message, hint });
  }

  warning(span: Span, message: string, hint?: string): void {
    this.#add({ severity: 'warning', span, message, hint });
  }

  get hasErrors(): boolean {
    return this.#errors > 0;
  }

  /** Further errors will be left out: hints for them need not be looked for. */
  get isFull(): boolean {
    return this.#errors >= diagnosticsMax;
  }

  /** All findings in the order of the text. */
  diagnostics(): Diagnostic[] {
    const order = [...this.#files.keys()];
    const rank = (finding: Finding): number => order.indexOf(finding.span.source);
    const sorted = this.#findings
      .map((finding) => ({ finding, rank: rank(finding) }))
      .sort((a, b) => a.rank - b.rank || a.finding.span.offset - b.finding.span.offset)
      .map(({ finding }) => this.#diagnostic(finding));
    return sorted;
  }

  /** Warnings that fill the list must not hide an error: they make room. */
  #add(finding: Finding): void {
    if (finding.severity === 'error') this.#errors += 1;
    if (this.#findings.length < diagnosticsMax) this.#findings.push(finding);
    else if (finding.severity === 'error' && this.#errors <= diagnosticsMax) {
      const warning = this.#findings.findLastIndex(({ severity }) => severity === 'warning');
      if (warning >= 0) this.#findings.splice(warning, 1, finding);
    }
  }

  #diagnostic({ severity, span, message, hint }: Finding): Diagnostic {
    const tokens = this.#files.get(span.source) ?? [];
    return {
      severity,
      file: span.source.file,
      line: span.line,
      column: span.column,
      length: Math.max(1, span.length),
      message,
      hint,
      excerpt: excerptOf(span, tokens, (token) => token.kind !== 'word' || this.#revealed.has(token)),
    };
  }
}
