import type { Directive } from '../language/directive.ts';
import { directives } from '../language/directives.ts';
import { directivesNamed } from '../language/lookup.ts';
import { factsOf, syntaxOf } from './describe.ts';
import { wrap } from './wrap.ts';

const width = 100;

/** What `headwater help NAME` prints; undefined for an unknown name. */
export function helpOn(name: string): string | undefined {
  const meanings = directivesNamed(name);
  return meanings.length === 0 ? undefined : meanings.map(helpOf).join('\n');
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
  const facts = factsOf(line).map(([label, text]) => [plain(label), plain(text)] as const);
  const column = Math.max(...facts.map(([label]) => label.length)) + 2;
  const rows = facts.map(([label, text]) => {
    const [first = '', ...rest] = wrap(text, width - column - 2);
    return [`  ${label.padEnd(column)}${first}`, ...rest.map((more) => ' '.repeat(column + 2) + more)].join('\n');
  });
  const notYet = line.later ? ['  This version does not do it yet: the line has no effect.', ''] : [];
  const sentence = wrap(plain(line.sentence), width - 2).map((text) => `  ${text}`);
  return [syntaxOf(line), '', ...sentence, '', ...notYet, ...rows, '', '  Example:', `    ${line.example}`, ''].join(
    '\n',
  );
}

/** A terminal shows no markup. */
function plain(text: string): string {
  return text.replaceAll('`', '');
}
