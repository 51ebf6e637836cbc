import { describe, expect, test } from 'vitest';
import { drawOptions, type WorldOptions } from './options.ts';
import { runWorld } from './run.ts';
import { createTrivialCore } from './trivial-core.ts';

/** A world in which nothing goes wrong. */
function peaceful(seed: number): WorldOptions {
  return { ...drawOptions(seed), faults: {}, cut: 'nothing' };
}

describe('the simulator, driven by a core without a thought', () => {
  test('finds nothing where nothing goes wrong', () => {
    for (let seed = 1; seed <= 10; seed++) {
      expect(runWorld(peaceful(seed), createTrivialCore).finding).toBeUndefined();
    }
  });

  test('finds that nobody takes over', () => {
    for (const cut of ['kill', 'power', 'freeze'] as const) {
      const finding = runWorld({ ...peaceful(3), partition: 'capture', cut }, createTrivialCore).finding;
      expect(finding?.checker).toBe('takeover');
    }
  });

  test('is the same world event for event, and another with another seed', () => {
    const options = { ...drawOptions(5), faults: { kill: 5000, loss: 5000, clog: 5000 } };
    const [first, again] = [runWorld(options, createTrivialCore), runWorld(options, createTrivialCore)];
    expect(again).toEqual(first);
    expect(runWorld({ ...options, seed: 6 }, createTrivialCore).hash).not.toBe(first.hash);
  });
});
