import { expect, test } from 'vitest';
import { s01, s02, windowOf } from '../../../test/support/fake-delivery.ts';
import type { LiveWindow } from '../../hls/live-window.ts';
import { millis } from '../../units/time.ts';
import { longestBehind, longestBehindTargets, nextShown } from './shown-window.ts';

const numbers = (window: LiveWindow | undefined): number[] => window?.segments.map(({ number }) => number) ?? [];
const empty = { ...windowOf(1, 1, s01), segments: [] };

test.each<[string, LiveWindow | undefined, LiveWindow, number[]]>([
  ['the first one', undefined, windowOf(5, 7, s01), [5, 6, 7]],
  ['nothing yet', undefined, empty, []],
  ['one more', windowOf(1, 3, s01), windowOf(1, 4, s01), [1, 2, 3, 4]],
  ['the same from a successor', windowOf(1, 3, s01), windowOf(1, 3, s02), [1, 2, 3]],
  ['anew behind a hole, once it has a target duration', windowOf(1, 3, s01), windowOf(9, 10, s02), [9, 10]],
  ['anew behind a hole, but shorter', windowOf(1, 3, s01), windowOf(9, 9, s02), [1, 2, 3]],
  ['anew without a number left out, but shorter', windowOf(1, 3, s01), windowOf(4, 4, s02), [1, 2, 3]],
  ['anew without a number left out, once it has a target duration', windowOf(1, 3, s01), windowOf(4, 5, s02), [4, 5]],
  ['less than was shown', windowOf(1, 3, s01), windowOf(1, 2, s02), [1, 2, 3]],
  ['an empty list', windowOf(1, 3, s01), empty, [1, 2, 3]],
  ['more of the past than was shown', windowOf(4, 6, s01), windowOf(2, 7, s02), [4, 5, 6, 7]],
])('%s', (_case, shown, received, expected) => {
  expect(numbers(nextShown(shown, received))).toEqual(expected);
});

test('the newest word counts where both have a segment', () => {
  expect(nextShown(windowOf(1, 3, s01), windowOf(1, 3, s02))?.segments[0]?.holder).toBe(s02);
});

test('an owner that stays behind is believed in the end: a list that never moves ends every player', () => {
  const [shown, received] = [windowOf(1000, 1003, s01), windowOf(500, 503, s02)];
  expect(nextShown(shown, received, millis(longestBehind - 1))).toBe(shown);
  expect(nextShown(shown, received, longestBehind)).toBe(received);
});

test('long segments give an owner longer to catch up', () => {
  const [shown, received] = [windowOf(1000, 1003, s01), { ...windowOf(999, 1001, s02), targetDuration: 20 }];
  expect(nextShown(shown, received, millis(longestBehindTargets * 20_000 - 1))).toBe(shown);
  expect(nextShown(shown, received, millis(longestBehindTargets * 20_000))).toBe(received);
});
