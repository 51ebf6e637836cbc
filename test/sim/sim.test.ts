import { describe, expect, test } from 'vitest';
import { createClusterCore } from '../../src/cluster/cluster-core.ts';
import { keptSeeds } from './kept-seeds.ts';
import { drawOptions } from './options.ts';
import { runWorld } from './run.ts';
import { findingOf } from './verdict-text.ts';

const firstSeed = 1;
const seeds = 100;

describe('the cluster core in simulated worlds', () => {
  test.each(keptSeeds())('keeps its promises in world $seed: $showed', ({ seed }) => {
    expect(findingOf(seed)).toBe('');
  });

  test(`keeps its promises in ${seeds} worlds`, { timeout: 300_000 }, () => {
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) expect(findingOf(seed)).toBe('');
  });

  test('does the same in the same world', () => {
    for (const seed of [1, 2, 3]) {
      const options = drawOptions(seed);
      expect(runWorld(options, createClusterCore).hash).toBe(runWorld(options, createClusterCore).hash);
    }
  });
});
