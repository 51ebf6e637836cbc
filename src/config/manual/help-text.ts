import type { Directive } from '../language/directive.ts';
import { directives } from '../language/directives.ts';
import { directivesNamed, optionsNamed } from '../language/lookup.ts';
import { factsOf, syntaxOf } from './describe.ts';
import { wrap } from './wrap.ts';

const width = 100;

type Fact = readonly [label: string, text: string];
type OptionOf = ReturnType<typeof optionsNamed>[number];

/** What `headwater help NAME` prints of a directive, or of an option (`capture_at`, `capture_at=`); undefined for an unknown name. */
export function helpOn(name: string): string | undefined {
  const meanings = directivesNamed(name).map(helpOf);
  if (meanings.length === 0) meanings.push(...optionsNamed(name.replace(/=.*$/, '')).map(helpOfOption));
  return meanings.length === 0 ? undefined : meanings.join('\n');
}

/** The names of all directives, for `headwater help` by itself. */
export function directiveList(): string {
  const lines: readonly Directive[] = Object.values(directives);
  const names = new Set(lines.filter(({ later }) => !later).map(({ name }) => name));
  return wrap([...names].join(' '), width - 2)
    .map((line) => `  ${line}\n`)
    .join('');
}

function helpOf(line: Directive): string {
  return entry({ title: syntaxOf(line), ...line, facts: factsOf(line) });
}

function helpOfOption({ line, option }: OptionOf): string {
  const [key = ''] = Object.entries(line.options).find(([, own]) => own === option) ?? [];
  const facts: Fact[] = [];
  if (option.type.unit !== undefined) facts.push([option.type.label, option.type.unit]);
  if (option.fallback !== undefined) facts.push(['Default', option.fallback]);
  facts.push(['Stands', `behind ${line.name} and its arguments: headwater help ${line.name}`]);
  const title = `${line.name} ${[...line.args.map(({ label }) => label), `${key}=${option.type.label}`].join(' ')};`;
  const { sentence, later = false } = option;
  return entry({ title, sentence, later, facts, example: line.example });
}

function entry(of: {
  readonly title: string;
  readonly sentence: string;
  readonly later: boolean;
  readonly facts: readonly Fact[];
  readonly example: string;
}): string {
  const facts = of.facts.map(([label, text]) => [plain(label), plain(text)] as const);
  const column = Math.max(...facts.map(([label]) => label.length)) + 2;
  const rows = facts.map(([label, text]) => {
    const [first = '', ...rest] = wrap(text, width - column - 2);
    return [`  ${label.padEnd(column)}${first}`, ...rest.map((more) => ' '.repeat(column + 2) + more)].join('\n');
  });
  const notYet = of.later ? ['  This version does not do it yet: it has no effect.', ''] : [];
  const sentence = wrap(plain(of.sentence), width - 2).map((text) => `  ${text}`);
  return [of.title, '', ...sentence, '', ...notYet, ...rows, '', '  Example:', `    ${of.example}`, ''].join('\n');
}

/** A terminal shows no markup. */
function plain(text: string): string {
  return text.replaceAll('`', '');
}
