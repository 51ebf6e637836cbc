import type { Directive } from '../language/directive.ts';
import { directivesNamed, secretNames } from '../language/lookup.ts';
import type { Word } from './lexer.ts';
import type { Reporter } from './reporter.ts';

/**
 * Decides, directive by directive in the order of the text, which words may be shown. Everything that is not vouched for stays hidden:
 * the arguments of secret and unknown directives, surplus arguments, and unknown names on a line where a secret or a URL that
 * holds `;` may have been torn apart.
 */
export class Discretion {
  readonly #reporter: Reporter;
  /** Unknown names up to the end of this line are hidden. */
  #hushedLine = 0;

  constructor(reporter: Reporter) {
    this.#reporter = reporter;
  }

  /** Reveals what may be seen of one directive; `secretBlock`: it stands inside the block of a secret one. */
  consider(words: readonly Word[], directive: Directive | undefined, secretBlock: boolean): void {
    const [name, ...args] = words;
    if (name === undefined || secretBlock) return;
    const meaning = directive ?? directivesNamed(name.value)[0];
    if (meaning === undefined) this.#considerUnknown(name);
    else this.#considerKnown(name, args, meaning);
    this.#hush(words, meaning);
  }

  #considerUnknown(name: Word): void {
    const isName = /^[a-z][a-z0-9_.-]{0,39}$/i.test(name.value) && name.bare === name.value.length;
    const isGluedSecret = secretNames.some((secret) => name.value.toLowerCase().startsWith(secret));
    if (isName && !isGluedSecret && name.line > this.#hushedLine) this.#reporter.reveal(name);
  }

  #considerKnown(name: Word, args: readonly Word[], meaning: Directive): void {
    this.#reporter.reveal(name);
    if (meaning.secret || meaning.later) return;
    let positional = 0;
    for (const arg of args) {
      const key = optionKey(arg);
      const isOption = key !== undefined && Object.hasOwn(meaning.options, key);
      if (!isOption) positional += 1;
      if (isOption || positional <= meaning.args.length) this.#reporter.reveal(arg);
    }
  }

  /** After a secret, a URL or something unknown, the rest of the line may be a piece of it; of a secret that has no argument, even the next line. */
  #hush(words: readonly Word[], meaning: Directive | undefined): void {
    const line = words.at(-1)?.line ?? 0;
    const holdsUrl = meaning?.args.some((type) => type.label === 'URL') ?? false;
    if (meaning === undefined || meaning.secret || meaning.later || holdsUrl) this.#hushedLine = line;
    if (meaning?.secret && words.length <= meaning.args.length) this.#hushedLine = line + 1;
  }
}

/** The key of a word of the form `key=value`, undefined for all others; a quoted word is none. */
export function optionKey(word: Word): string | undefined {
  const equals = word.value.indexOf('=');
  if (equals < 1 || equals >= word.bare) return undefined;
  const key = word.value.slice(0, equals);
  return /^[a-z][a-z0-9_]*$/i.test(key) ? key : undefined;
}
