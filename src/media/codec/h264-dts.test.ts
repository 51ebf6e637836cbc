import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Ticks, ticks } from '../../units/ticks.ts';
import { H264DecodeTimes } from './h264-dts.ts';

const frame = 3600;

/** Decode times, in frames, for presentation times in frames. */
function decode(shown: readonly number[], depth: number | undefined, rate: number | undefined = 25): number[] {
  const times = new H264DecodeTimes(90_000);
  times.describe(depth, rate);
  return shown.map((at) => times.next(ticks(at * frame)) / frame);
}

describe.each([
  { name: 'in order', depth: 0, shown: [0, 1, 2, 3, 4], decoded: [0, 1, 2, 3, 4] },
  { name: 'B-frames', depth: 1, shown: [0, 3, 1, 2, 6, 4, 5], decoded: [-1, 0, 1, 2, 3, 4, 5] },
  {
    name: 'B-frames as references',
    depth: 2,
    shown: [2, 6, 4, 3, 5, 10, 8, 7, 9],
    decoded: [0, 1, 2, 3, 4, 5, 6, 7, 8],
  },
  { name: 'a lost reference', depth: 1, shown: [0, 1, 2, 6, 4, 5], decoded: [-1, 0, 1, 2, 4, 5] },
  { name: 'a jump ahead', depth: 1, shown: [0, 2, 1, 900, 902, 901], decoded: [-1, 0, 1, 899, 900, 901] },
  { name: 'a jump back', depth: 1, shown: [900, 902, 901, 0, 2, 1], decoded: [899, 900, 901, -1, 0, 1] },
])('$name', ({ depth, shown, decoded }) => {
  test('announced', () => expect(decode(shown, depth)).toEqual(decoded));
});

test('an unannounced depth is learned from the first pictures out of order', () => {
  const shown = [0, 3, 1, 2, 6, 4, 5, 9, 7, 8];
  const decoded = decode(shown, undefined);
  expect(decoded.slice(0, 2)).toEqual([0, 3]);
  expect(decoded.slice(5)).toEqual([4, 5, 6, 7, 8]);
});

test('a short jump back of a stream in order is no reordering', () => {
  const shown = [...Array.from({ length: 30 }, (_, i) => 100 + i), ...Array.from({ length: 30 }, (_, i) => 80 + i)];
  expect(decode(shown, undefined)).toEqual(shown);
});

/** Pictures in decoding order: an IDR, then groups whose last is decoded first, the others behind it; some are lost. */
const streams = fc
  .record({
    groups: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 40 }),
    lost: fc.array(fc.nat({ max: 100 }), { maxLength: 5 }),
    start: fc.integer({ min: -1e6, max: 1e6 }),
  })
  .map(({ groups, lost, start }) => {
    const shown: number[] = [];
    let next = start;
    for (const size of [1, ...groups]) {
      shown.push(next + size - 1, ...Array.from({ length: size - 1 }, (_, i) => next + i));
      next += size;
    }
    return shown.filter((_, i) => i === 0 || !lost.includes(i));
  });

test('announced: decode times rise, never pass presentation, and lag by the depth only', () => {
  fc.assert(
    fc.property(streams, (shown) => {
      const decoded = decode(shown, 1);
      decoded.forEach((dts, i) => {
        expect(dts).toBeLessThanOrEqual(shown[i] ?? 0);
        if (i > 0) expect(dts).toBeGreaterThan(decoded[i - 1] ?? 0);
      });
    }),
  );
});

test('whatever comes, decode times are numbers', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -(2 ** 40), max: 2 ** 40 })),
      fc.option(fc.nat({ max: 40 })),
      (all, depth) => {
        const times = new H264DecodeTimes(90_000);
        times.describe(depth ?? undefined, undefined);
        const decoded: Ticks[] = all.map((pts) => times.next(ticks(pts)));
        expect(decoded.every(Number.isSafeInteger)).toBe(true);
      },
    ),
  );
});
