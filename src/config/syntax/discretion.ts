import { nearest } from '../../units/nearest.ts';
import type { Directive } from '../language/directive.ts';
import { directivesNamed, nearestName, secretNames } from '../language/lookup.ts';
import type { Word } from './lexer.ts';
import type { Reporter } from './reporter.ts';

/**
 * Decides, directive by directive in the order of the text, which words may be shown. Everything that is not vouched for stays hidden:
 * the arguments of secret and unknown directives, surplus arguments, and unknown names on a line where a secret, or the password of
 * a URL, may have been torn apart by a `;`.
 */
export class Discretion {
  readonly #reporter: Reporter;
  /** Unknown names up to the end of this line are hidden. */
  #hushedLine = 0;
  /** Unknown names up to the end of this line are hidden unless they are slips of a known one. */
  #doubtfulLine = 0;
  /** The arguments of the URL before: what follows it may show that its password was torn apart. */
  #lastUrl: readonly Word[] = [];

  constructor(reporter: Reporter) {
    this.#reporter = reporter;
  }

  /** Reveals what may be seen of one directive; `secretBlock`: it stands inside the block of a secret one. */
  consider(words: readonly Word[], directive: Directive | undefined, secretBlock: boolean): void {
    const [name, ...args] = words;
    if (name === undefined || secretBlock) return;
    const meaning = directive ?? directivesNamed(name.value)[0];
    if (meaning === undefined) this.#considerUnknown(name, words);
    else this.#considerKnown(name, args, meaning);
    this.#lastUrl = meaning !== undefined && takesUrl(meaning) ? args : [];
  }

  #considerUnknown(name: Word, words: readonly Word[]): void {
    if (this.#mayShow(name)) this.#reporter.reveal(name);
    else for (const word of this.#lastUrl) this.#reporter.conceal(word);
    if (soundsSecret(name.value)) this.#hushedLine = endOf(words);
  }

  #mayShow(name: Word): boolean {
    const isName = /^[a-z][a-z0-9_.-]{0,39}$/i.test(name.value) && name.bare === name.value.length;
    const isGluedSecret = secretNames.some((secret) => name.value.toLowerCase().startsWith(secret));
    if (!isName || isGluedSecret || name.line <= this.#hushedLine) return false;
    return name.line > this.#doubtfulLine || nearestName(name.value, undefined) !== undefined;
  }

  #considerKnown(name: Word, args: readonly Word[], meaning: Directive): void {
    this.#reporter.reveal(name);
    if (meaning.secret) {
      // A secret that has no argument on its line may stand on the next one, torn off by a `;`.
      this.#hushedLine = endOf([name, ...args]) + (args.length < meaning.args.length ? 1 : 0);
    }
    if (meaning.secret || (meaning.later && meaning.args.length === 0)) return;
    let positional = 0;
    for (const arg of args) {
      const key = optionKey(arg);
      const isOption = key !== undefined && Object.hasOwn(meaning.options, key);
      if (!isOption) positional += 1;
      // Behind a quote that is not closed stands the rest of the line, whatever it was meant to be.
      const isVouchedFor = isOption || (positional <= meaning.args.length && !(takesUrl(meaning) && isPathOnly(arg)));
      if (!arg.open && isVouchedFor) this.#reporter.reveal(arg);
    }
    if (takesUrl(meaning) && args.some(mayBeTorn)) this.#doubtfulLine = endOf([name, ...args]);
  }
}

function endOf(words: readonly Word[]): number {
  return words.at(-1)?.line ?? 0;
}

function takesUrl(meaning: Directive): boolean {
  return meaning.args.some((type) => type.label === 'URL');
}

/** A URL that lost its beginning: what to mask in its path can't be known. */
function isPathOnly({ value }: Word): boolean {
  return value.includes('/') && !/^[a-z][a-z0-9+.-]*:\/\//i.test(value);
}

/** `rtsp://user:pass` without its end, or a query whose token may go on behind a `;`. */
function mayBeTorn({ value }: Word): boolean {
  const rest = value.slice(value.indexOf('://') + 3);
  if (rest.includes('@')) return rest.includes('?');
  const hasOnlyHostAndPath = /^(\[[^\]]*\]|[^:/?]*)(:\d{1,5})?\/[^:?]*$/.test(rest) || /^[^:/?]*$/.test(rest);
  return !hasOnlyHostAndPath;
}

/** A slip of a secret directive, or one of another server or of the author's own making. */
function soundsSecret(name: string): boolean {
  return /key|secret|pass|auth|token|cred|pwd/i.test(name) || nearest(name, secretNames) !== undefined;
}

/** The key of a word of the form `key=value`, undefined for all others; a quoted word is none. */
export function optionKey(word: Word): string | undefined {
  const equals = word.value.indexOf('=');
  if (equals < 1 || equals >= word.bare) return undefined;
  const key = word.value.slice(0, equals);
  return /^[a-z][a-z0-9_]*$/i.test(key) ? key : undefined;
}
