import { nearest } from '../../units/nearest.ts';
import type { Directive, Option, Place } from './directive.ts';
import { directives } from './directives.ts';

const all: readonly Directive[] = Object.values(directives);
const byName = new Map<string, readonly Directive[]>();
for (const line of all) {
  for (const name of [line.name, ...line.aliases]) byName.set(name, [...(byName.get(name) ?? []), line]);
}

/** All meanings of a name (`template` has two), the empty list when it is unknown. */
export function directivesNamed(name: string): readonly Directive[] {
  return byName.get(name) ?? [];
}

/** What the name means in a block of this kind. */
export function directiveAt(name: string, place: Place | undefined): Directive | undefined {
  return directivesNamed(name).find((line) => place !== undefined && line.places.includes(place));
}

/** The name that was probably meant: one that may stand there, else any. */
export function nearestName(name: string, place: Place | undefined): string | undefined {
  const here = [...byName.keys()].filter((known) => directiveAt(known, place) !== undefined);
  return nearest(name, here) ?? nearest(name, byName.keys());
}

/** Every name that may stand in a file, aliases among them. */
export function directiveNames(): string[] {
  return [...byName.keys()];
}

/** The directives that take an option of this name, with it; the empty list when none does. */
export function optionsNamed(key: string): readonly { readonly line: Directive; readonly option: Option }[] {
  return all.flatMap((line) => {
    const option = Object.hasOwn(line.options, key) ? line.options[key] : undefined;
    return option === undefined ? [] : [{ line, option }];
  });
}

/** Every option of every directive. */
export function optionNames(): string[] {
  return [...new Set(all.flatMap((line) => Object.keys(line.options)))];
}

/** Names whose arguments are never shown. */
export const secretNames: readonly string[] = all.filter((line) => line.secret).map((line) => line.name);

/** `stream`, or `stream or template`: the blocks in which the directive may stand. */
export function placesOf(line: Directive): string {
  return line.places.map((place) => (place === 'file' ? 'outside all blocks' : `in a \`${place}\` block`)).join(' or ');
}
