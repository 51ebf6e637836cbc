import { readFileSync } from 'node:fs';
import { assert } from '../../src/units/assert.ts';

export interface KeptSeed {
  readonly seed: number;
  readonly showed: string;
}

/** What `seeds.txt` holds: worlds in which something was once wrong, a seed and what it showed on each line. */
export function keptSeeds(): KeptSeed[] {
  const text = readFileSync(new URL('seeds.txt', import.meta.url), 'utf8');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => {
    const [, seed, showed = ''] = /^(\d+) +(.+)$/.exec(line) ?? [];
    assert(seed !== undefined, `seeds.txt: "${line}" is not a seed and what it showed`);
    return { seed: Number(seed), showed };
  });
}
