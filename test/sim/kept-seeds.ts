import { readFileSync } from 'node:fs';

/** The seeds of `seeds.txt`: worlds in which something was once wrong. One a line, `#` begins a comment. */
export function keptSeeds(): number[] {
  const text = readFileSync(new URL('seeds.txt', import.meta.url), 'utf8');
  const seeds = text.split('\n').map((line) => line.replace(/#.*/, '').trim());
  return seeds.filter((seed) => seed !== '').map(Number);
}
