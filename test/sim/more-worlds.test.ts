import { expect, test } from 'vitest';
import { findingOf } from './verdict-text.ts';

/** A file of its own, so that both test workers have worlds to run. */
const firstSeed = 101;
const seeds = 100;

test(`the cluster core keeps its promises in ${seeds} more worlds`, { timeout: 300_000 }, () => {
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) expect(findingOf(seed)).toBe('');
});
