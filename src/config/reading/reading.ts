import { nearest } from '../../units/nearest.ts';
import type { Arguments, Directive, Option, Options, OptionValuesOf, ValuesOf } from '../language/directive.ts';
import { directivesNamed } from '../language/lookup.ts';
import { optionKey } from '../syntax/discretion.ts';
import type { Word } from '../syntax/lexer.ts';
import type { Reporter } from '../syntax/reporter.ts';
import { shownText } from '../syntax/secret-text.ts';
import type { Span } from '../syntax/source-text.ts';
import type { Node } from '../syntax/syntax-tree.ts';
import type { ValueType } from '../values/value-type.ts';

/** A directive whose arguments have been read by the types of its line in the table. */
export interface Reading<A extends Arguments = Arguments, O extends Options = Options> {
  readonly node: Node;
  readonly values: ValuesOf<A>;
  readonly options: OptionValuesOf<O>;
  /** Where an option stands, for what is found out about it later. */
  readonly optionWords: ReadonlyMap<string, Word>;
}

/** Undefined when something is wrong with the arguments, which then has been reported. */
export function readArguments<A extends Arguments, O extends Options>(
  directive: Directive<A, O>,
  node: Node,
  reporter: Reporter,
): Reading<A, O> | undefined {
  const { positional, named } = sortWords(directive, node, reporter);
  const { words, surplus } = placeWords(directive.args, positional);
  const values = directive.args.map((type, index) => {
    const word = words[index];
    return word === undefined ? undefined : parseWord(type, word, word.value, word, reporter);
  });
  const missing = directive.args
    .filter((type, index) => words[index] === undefined && !type.optional)
    .map(({ label }) => label);
  if (missing.length > 0) {
    reporter.error(
      node.name,
      `\`${directive.name}\` needs ${missing.join(' and ')}`,
      `for example: ${directive.example}`,
    );
  }
  if (surplus !== undefined) reportSurplus(directive, node, surplus, reporter);
  const options = readOptions(directive, named, reporter);
  const isLeftOut = (index: number): boolean => words[index] === undefined && directive.args[index]?.optional === true;
  if (values.some((value, index) => value === undefined && !isLeftOut(index))) return undefined;
  // The table's types made these values, in the table's order: here parsed text becomes typed.
  return { node, values: values as ValuesOf<A>, options: options as OptionValuesOf<O>, optionWords: named };
}

/** The value in force when a directive is absent; only for lines of the table that have one. */
export function fallbackOf<A extends Arguments>(directive: Directive<A>): ValuesOf<A>[0] {
  const [type] = directive.args;
  const parsed = type?.parse(directive.fallback ?? '');
  if (!parsed?.ok) throw new Error(`the table gives ${directive.name} no valid default`);
  return parsed.value as ValuesOf<A>[0];
}

/** The value in force when an option is absent; only for options that have one. */
export function optionFallback<T>({ type, fallback = '' }: Option<T>): T {
  const parsed = type.parse(fallback);
  if (!parsed.ok) throw new Error(`the table gives an option no valid default: ${fallback}`);
  return parsed.value;
}

function sortWords(
  directive: Directive,
  node: Node,
  reporter: Reporter,
): { positional: Word[]; named: Map<string, Word> } {
  const positional: Word[] = [];
  const named = new Map<string, Word>();
  const takesOptions = Object.keys(directive.options).length > 0;
  for (const word of node.args) {
    const key = takesOptions ? optionKey(word) : undefined;
    // A word like a key belongs to the arguments as long as some are missing: a URL may begin so.
    if (key === undefined || (!Object.hasOwn(directive.options, key) && positional.length < directive.args.length))
      positional.push(word);
    else if (named.has(key)) reporter.error(word, `\`${key}=\` is given twice`);
    else named.set(key, word);
  }
  return { positional, named };
}

/** Which word each argument has: one that may be left out gives way to a later one that knows the word. */
function placeWords(
  types: Arguments,
  positional: readonly Word[],
): { readonly words: readonly (Word | undefined)[]; readonly surplus: Word | undefined } {
  const rest = [...positional];
  const words = types.map((type, index) => {
    const [word] = rest;
    if (word === undefined) return undefined;
    const knows = ({ parse }: ValueType<unknown>): boolean => parse(word.value).ok;
    if (type.optional && !knows(type) && types.slice(index + 1).some(knows)) return undefined;
    return rest.shift();
  });
  return { words, surplus: rest[0] };
}

function reportSurplus(directive: Directive, node: Node, word: Word, reporter: Reporter): void {
  const { length } = directive.args;
  const takes = length === 0 ? 'no argument' : directive.args.map((type) => type.label).join(' and ');
  const option = Object.keys(directive.options).find((key) => key === word.value);
  const hint =
    option !== undefined
      ? `write ${option}=VALUE, without blanks`
      : node.args[0]?.value === '='
        ? 'write it without `=`'
        : 'is a `;` missing, or are quotes around a blank?';
  reporter.error(word, `too many arguments: \`${directive.name}\` takes ${takes}`, hint);
}

/** The options that are right: a wrong one must not hide what else is wrong with the others. */
function readOptions(
  directive: Directive,
  named: ReadonlyMap<string, Word>,
  reporter: Reporter,
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [key, word] of named) {
    const option = Object.hasOwn(directive.options, key) ? directive.options[key] : undefined;
    if (option === undefined) {
      reporter.error(word, `\`${directive.name}\` has no option \`${shownText(key)}=\``, meantOption(directive, key));
    } else if (option.later) {
      reporter.warning(word, `this version does not do \`${key}=\` yet: it has no effect`);
    } else {
      const start = key.length + 1;
      const value = parseWord(option.type, word, word.value.slice(start), valueSpan(word, start), reporter);
      if (value !== undefined) values[key] = value;
    }
  }
  return values;
}

function meantOption(directive: Directive, key: string): string {
  const near = nearest(key, Object.keys(directive.options));
  if (near !== undefined) return `did you mean \`${near}=\`?`;
  const [own] = directivesNamed(key);
  if (own !== undefined) return `it is a directive of its own: ${own.example}`;
  const known = Object.keys(directive.options).map((name) => `${name}=`);
  return `it knows ${known.join(', ')}`;
}

/** The part of an option's word behind its `=`; the whole word when nothing is there. */
export function valueSpan(word: Word, start: number): Span {
  if (word.length <= start) return word;
  return { ...word, column: word.column + start, offset: word.offset + start, length: word.length - start };
}

function parseWord<T>(type: ValueType<T>, word: Word, text: string, span: Span, reporter: Reporter): T | undefined {
  // An unclosed quote has been reported; what it swallowed is not worth a second message.
  if (word.open) return undefined;
  const parsed = type.parse(text);
  if (parsed.ok) return parsed.value;
  reporter.error(span, `${text === '' ? 'the value' : reporter.quote(word, text)} ${parsed.problem}`, parsed.hint);
  return undefined;
}
