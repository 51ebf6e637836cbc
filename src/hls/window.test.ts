import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { serverName } from '../units/ids.ts';
import { ticks } from '../units/ticks.ts';
import { millis } from '../units/time.ts';
import type { InitSegment, LiveSegment, LiveWindow } from './live-window.ts';
import { LiveTail, listLength } from './window.ts';

function segment(number: number, over: Partial<LiveSegment> = {}): LiveSegment {
  return {
    number,
    start: ticks(number * 180_000),
    duration: ticks(180_000),
    keyframeHash: `k${number}`,
    init: 'a',
    bytes: 1_000_000,
    holder: serverName('s01'),
    ...over,
  };
}

function init(id: string): InitSegment {
  return { id, data: '', codecs: 'avc1.64001f', resolution: undefined, frameRate: undefined };
}

function tailOf(numbers: readonly number[], over: Partial<LiveSegment> = {}): LiveTail {
  const tail = new LiveTail(millis(2_000));
  tail.init(init('a'));
  for (const number of numbers) tail.segment(segment(number, over));
  return tail;
}

const listed = (window: LiveWindow | undefined): number[] => window?.segments.map(({ number }) => number) ?? [];

describe('LiveTail', () => {
  test("keeps the predecessor's target duration, also when its long segments are not listed any more", () => {
    const before = tailOf([1], { duration: ticks(9 * 90_000) });
    for (const number of [2, 3, 4, 5, 6, 7, 8, 9, 10]) before.segment(segment(number));
    const tail = tailOf([11]);
    if (before.window) tail.precededBy(before.window);
    expect(tail.window?.targetDuration).toBe(9);
  });

  test('lists no more of the past than holes of a list together allow', () => {
    const tail = tailOf([]);
    const starts = [0, 2, 14, 16, 22, 24, 38, 40];
    starts.forEach((start, number) => {
      tail.segment(segment(number, { start: ticks(start * 90_000) }));
      const list = tail.window?.segments ?? [];
      const holes = list.slice(1).map(({ start }, i) => start - (list[i]?.start ?? 0) - 180_000);
      expect(holes.reduce((sum, hole) => sum + hole, 0)).toBeLessThan(listLength * 180_000);
    });
    expect(listed(tail.window)).toEqual([4, 5, 6, 7]);
  });

  test('shows nothing before the first own segment, whatever the predecessor has', () => {
    const tail = new LiveTail(millis(2_000));
    const before = tailOf([1, 2]).window;
    if (before) tail.precededBy(before);
    expect(tail.window).toBeUndefined();
  });

  test.each([
    { name: 'the last 8', own: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], list: [3, 4, 5, 6, 7, 8, 9, 10] },
    { name: 'a hole starts the list anew', own: [1, 2, 3, 6, 7], list: [6, 7] },
    { name: 'one', own: [5], list: [5] },
  ])('$name', ({ own, list }) => {
    expect(listed(tailOf(own).window)).toEqual(list);
  });

  test.each([
    {
      name: 'consecutive: the list goes on',
      before: [1, 2, 3, 4, 5, 6, 7, 8],
      own: [9, 10],
      list: [3, 4, 5, 6, 7, 8, 9, 10],
    },
    { name: 'overlapping', before: [5, 6, 7, 8], own: [7, 8, 9], list: [5, 6, 7, 8, 9] },
    { name: 'with a hole between', before: [5, 6, 7], own: [9, 10], list: [9, 10] },
    {
      name: 'the predecessor is ahead: the list does not go back',
      before: [5, 6, 7, 8],
      own: [6, 7],
      list: [5, 6, 7, 8],
    },
  ])('merges with a predecessor, $name', ({ before, own, list }) => {
    const first = tailOf(before).window;
    const tail = tailOf(own);
    if (first) tail.precededBy(first);
    expect(listed(tail.window)).toEqual(list);
  });

  test("what both have keeps its text, and its bytes are the survivor's", () => {
    const first = tailOf([7, 8]).window;
    const tail = tailOf([8, 9], { start: ticks(1), duration: ticks(180_090), holder: serverName('s02'), bytes: 5 });
    if (first) tail.precededBy(first);
    const both = tail.window?.segments.find(({ number }) => number === 8);
    expect(both).toMatchObject({ start: 8 * 180_000, duration: 180_000, holder: 's02', bytes: 5 });
  });

  test('keeps the init segments that are needed, and no others', () => {
    const tail = new LiveTail(millis(2_000));
    for (const [index, id] of ['a', 'b', 'c'].entries()) {
      tail.init(init(id));
      tail.segment(segment(index, { init: id }));
    }
    expect(tail.window?.inits.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    for (let number = 3; number < 12; number++) tail.segment(segment(number, { init: 'c' }));
    expect(tail.window?.inits.map(({ id }) => id)).toEqual(['c']);
  });

  test('a longer GOP lengthens the target duration, and nothing shortens it', () => {
    const tail = tailOf([1]);
    expect(tail.window?.targetDuration).toBe(4);
    tail.segment(segment(2, { duration: ticks(10 * 90_000) }));
    expect(tail.window?.targetDuration).toBe(10);
    for (let number = 3; number < 20; number++) tail.segment(segment(number));
    expect(tail.window?.targetDuration).toBe(10);
  });

  test('tells the bit rate', () => {
    const tail = tailOf([1, 2]);
    tail.segment(segment(3, { bytes: 4_000_000 }));
    expect(tail.window?.bandwidth).toEqual({ peak: 16_000_000, average: 8_000_000 });
  });

  test('numbers are consecutive, at most 8, never go back; the revision grows', () => {
    const step = fc.record({ own: fc.boolean(), skip: fc.integer({ min: 1, max: 3 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const predecessor = tailOf([]);
        const tail = tailOf([]);
        let number = 100;
        let seen: LiveWindow | undefined;
        for (const { own, skip } of steps) {
          number += skip;
          (own ? tail : predecessor).segment(segment(number));
          if (!own && predecessor.window) tail.precededBy(predecessor.window);
          const { window } = tail;
          if (window === undefined) continue;
          const numbers = listed(window);
          expect(numbers.length).toBeLessThanOrEqual(listLength);
          expect(numbers).toEqual(numbers.map((_, i) => (numbers[0] ?? 0) + i));
          expect(numbers.at(-1)).toBe(number);
          expect(numbers[0]).toBeGreaterThanOrEqual(listed(seen)[0] ?? 0);
          if (seen !== undefined) expect(window.revision).toBeGreaterThan(seen.revision);
          seen = window;
        }
      }),
    );
  });
});
