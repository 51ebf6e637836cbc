import type { SourceText, Span } from './source-text.ts';

export type Token = Word | Mark;

/** A name, an argument or `key=value`; quoted pieces may stand anywhere in it, as in a shell. Never longer than its line. */
export interface Word extends Span {
  readonly kind: 'word';
  /** The text without quotes and escapes. */
  readonly value: string;
  /** How many characters of `value` came before the first quote: only these can name an option. */
  readonly bare: number;
  /** It has a quote that its line does not close. */
  readonly open: boolean;
  /** Nothing but blanks stands before it on its line. */
  readonly firstOnLine: boolean;
}

export interface Mark extends Span {
  readonly kind: '{' | '}' | ';';
}

const blank = /\s/;
/** Ordinary characters, a `${name}` whose braces open no block, or a dollar that begins none. */
const barePiece = /[^\s{}";$]+|\$\{[^\s{}";]*\}|\$/y;

/** Cuts any text into words and marks; comments (`#` at the start of a word, to the end of the line) vanish. Never throws. */
export function tokenize(source: SourceText): Token[] {
  return new Lexer(source).run();
}

class Lexer {
  readonly #source: SourceText;
  readonly #text: string;
  readonly #tokens: Token[] = [];
  #at = 0;
  #line = 1;
  #lineStart = 0;
  #lineIsBlank = true;

  constructor(source: SourceText) {
    this.#source = source;
    this.#text = source.text;
  }

  run(): Token[] {
    while (this.#at < this.#text.length) this.#next();
    return this.#tokens;
  }

  #next(): void {
    const character = this.#text.charAt(this.#at);
    if (character === '\n') {
      this.#at += 1;
      this.#line += 1;
      this.#lineStart = this.#at;
      this.#lineIsBlank = true;
    } else if (blank.test(character)) {
      this.#at += 1;
    } else if (character === '#') {
      const end = this.#text.indexOf('\n', this.#at);
      this.#at = end < 0 ? this.#text.length : end;
    } else if (character === '{' || character === '}' || character === ';') {
      this.#tokens.push({ kind: character, ...this.#span(this.#at, this.#at + 1) });
      this.#at += 1;
      this.#lineIsBlank = false;
    } else {
      this.#word();
      this.#lineIsBlank = false;
    }
  }

  #word(): void {
    const start = this.#at;
    let value = '';
    let bare: number | undefined;
    let open = false;
    while (this.#at < this.#text.length && !this.#endsWord()) {
      if (this.#text.charAt(this.#at) === '"') {
        bare ??= value.length;
        const piece = this.#quoted();
        value += piece.value;
        open ||= piece.open;
      } else {
        value += this.#barePiece();
      }
    }
    const firstOnLine = this.#lineIsBlank;
    const span = this.#span(start, this.#at);
    this.#tokens.push({ kind: 'word', value, bare: bare ?? value.length, open, firstOnLine, ...span });
  }

  #endsWord(): boolean {
    const character = this.#text.charAt(this.#at);
    return character === ';' || character === '{' || character === '}' || blank.test(character);
  }

  #barePiece(): string {
    barePiece.lastIndex = this.#at;
    const piece = barePiece.exec(this.#text)?.[0] ?? this.#text.charAt(this.#at);
    this.#at += piece.length;
    return piece;
  }

  /** From one quote to the next; `\"` and `\\` stand for the second character. A string that its line does not close ends there. */
  #quoted(): { value: string; open: boolean } {
    this.#at += 1;
    let value = '';
    while (this.#at < this.#text.length) {
      const character = this.#text.charAt(this.#at);
      if (character === '\n') break;
      this.#at += 1;
      if (character === '"') return { value, open: false };
      const next = this.#text.charAt(this.#at);
      if (character === '\\' && (next === '"' || next === '\\')) {
        this.#at += 1;
        value += next;
      } else {
        value += character;
      }
    }
    return { value, open: true };
  }

  #span(start: number, end: number): Span {
    return {
      source: this.#source,
      line: this.#line,
      column: start - this.#lineStart + 1,
      offset: start,
      length: end - start,
    };
  }
}
