import { describe, expect, test } from 'vitest';
import { ticks } from '../units/ticks.ts';
import { findAdoptions } from './adoption.ts';

const second = 90_000;

const theirs = (...list: readonly (readonly [number, number, string])[]) =>
  list.map(([number, at, keyframeHash]) => ({ number, start: ticks(at * second), keyframeHash }));
const own = (...list: readonly (readonly [number, string])[]) =>
  list.map(([at, hash]) => ({ start: Math.round(at * second), hash }));

describe('findAdoptions', () => {
  test('continues from the latest picture that both have', () => {
    const [found] = findAdoptions(
      theirs([10, 20, 'a'], [11, 22, 'b'], [12, 24, 'c']),
      own([20.1, 'a'], [21.1, 'x'], [22.1, 'b'], [23.1, 'y']),
    );
    expect(found).toMatchObject({ number: 11, index: 2, shift: Math.round(-0.1 * second) });
  });

  test('a predecessor whose segments begin at other pictures gives nothing', () => {
    expect(findAdoptions(theirs([10, 20, 'a']), own([20, 'b'], [22, 'c']))).toEqual([]);
    expect(findAdoptions([], own([20, 'b']))).toEqual([]);
    expect(findAdoptions(theirs([10, 20, 'a']), [])).toEqual([]);
  });

  test('pictures that occur once decide over still ones', () => {
    const [found] = findAdoptions(
      theirs([10, 20, 'still'], [11, 22, 'still'], [12, 24, 'moved']),
      own([21.6, 'still'], [23.6, 'still'], [25.6, 'moved'], [27.6, 'still']),
    );
    expect(found).toMatchObject({ number: 12, index: 2 });
  });

  test('of still pictures the one nearest in time is the same', () => {
    const [found] = findAdoptions(
      theirs([10, 20, 'still'], [11, 22, 'still'], [12, 24, 'still']),
      own([22.3, 'still'], [24.3, 'still'], [26.3, 'still']),
    );
    expect(found).toMatchObject({ number: 12, index: 1 });
  });

  test('a match that would move time by more than servers can differ is another picture', () => {
    expect(findAdoptions(theirs([10, 20, 'a']), own([40, 'a']))).toEqual([]);
  });

  test('what has no hash matches nothing', () => {
    expect(findAdoptions(theirs([10, 20, '']), own([20, '']))).toEqual([]);
  });
});
