import type { Directive } from '../language/directive.ts';
import { placesOf } from '../language/lookup.ts';

/** `cluster_ingest [capture_at=NAME] [handover=seamless|break];` */
export function syntaxOf(line: Directive): string {
  if (line.later && line.args.length === 0) return `${line.name} …;`;
  const options = Object.entries(line.options)
    .filter(([, option]) => !option.later)
    .map(([key, option]) => `[${key}=${option.type.label}]`);
  const args = line.args.map(({ label, optional }) => (optional ? `[${label}]` : label));
  const words = [line.name, ...args, ...options].join(' ');
  if (line.block === undefined) return `${words};`;
  return line.blockRequired ? `${words} { … }` : `${words} [{ … }]`;
}

/** The rest of what the table says, as label and text, for lists of any form. Backquotes mark code. */
export function factsOf(line: Directive): readonly (readonly [label: string, text: string])[] {
  const facts: (readonly [string, string])[] = [];
  for (const { label, unit } of line.args) if (unit !== undefined) facts.push([label, unit]);
  facts.push(...defaultOf(line));
  for (const [key, option] of Object.entries(line.options)) {
    const unit = option.fallback === undefined ? '' : ` Default: \`${option.fallback}\`.`;
    facts.push([
      `\`${key}=\``,
      option.later ? `not done by this version yet. ${option.sentence}` : `${option.sentence}${unit}`,
    ]);
  }
  facts.push(['Stands', `${placesOf(line)}${line.many ? ', any number of times' : ''}`]);
  if (line.aliases.length > 0) facts.push(['Also written', line.aliases.map((name) => `\`${name}\``).join(', ')]);
  return facts;
}

/** What holds without the directive; empty where it must stand. */
export function defaultOf(line: Directive): readonly (readonly [label: string, text: string])[] {
  if (line.fallback !== undefined) return [['Default', `\`${line.fallback}\``]];
  return line.absent === undefined ? [] : [['Without it', line.absent]];
}
