import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Ticks } from '../../units/ticks.ts';
import {
  ProgramClock,
  readTimestamp,
  timestampWrap,
  unwrapTimestamp,
  wrapTimestamp,
  writeTimestamp,
} from './timestamp.ts';

const top = timestampWrap - 1;

test.each([
  ['the first is taken as it is', 5, undefined, 5],
  ['forward', 3600, 0, 3600],
  ['back', 0, 3600, 0],
  ['over the wrap', 0, top, timestampWrap],
  ['back over the wrap', top, timestampWrap, top],
  ['before the first', top, 0, -1],
  ['over the third wrap', 100, 3 * timestampWrap - 100, 3 * timestampWrap + 100],
  ['half the range ahead', timestampWrap / 2 - 1, 0, timestampWrap / 2 - 1],
  ['more than half is behind', timestampWrap / 2 + 1, 0, 1 - timestampWrap / 2],
])('%s', (_, raw, near, moment) => {
  expect(unwrapTimestamp(raw, near as Ticks | undefined)).toBe(moment);
});

test('five bytes carry 33 bits, whatever the moment', () => {
  const moment = fc.integer({ min: -(2 ** 40), max: 2 ** 47 });
  fc.assert(
    fc.property(moment, fc.constantFrom<1 | 2 | 3>(1, 2, 3), (value, marker) => {
      const out = new Uint8Array(7).fill(0xaa);
      writeTimestamp(out, 1, value, marker);
      expect(readTimestamp(out, 1)).toBe(wrapTimestamp(value));
      expect([out[0], out[6], (out[1] ?? 0) >> 4]).toEqual([0xaa, 0xaa, marker]);
      for (const at of [1, 3, 5]) expect((out[at] ?? 0) & 1).toBe(1);
    }),
  );
});

test('a clock goes on over a wrap with all its streams', () => {
  const clock = new ProgramClock();
  const video = [top - 7200, top - 3600, top, 3599, 7199];
  const moments = video.map((raw) => [clock.unwrap(raw), clock.unwrap(wrapTimestamp(raw - 1000))]);
  expect(moments.map(([v]) => (v ?? 0) - top)).toEqual([-7200, -3600, 0, 3600, 7200]);
  expect(moments.every(([v, a]) => (v ?? 0) - (a ?? 0) === 1000)).toBe(true);
});
