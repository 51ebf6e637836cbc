import fc from 'fast-check';
import { expect, test } from 'vitest';
import { frameTicks, tsChunks } from '../../../test/support/ts-chunks.ts';
import { firstVideoTime, lastVideoTime, timeBetween, videoStart } from './video-start.ts';

test('finds the times of the pictures that the muxer wrote', () => {
  const chunks = tsChunks({ from: 0, to: 6, gop: 5 });
  expect(chunks.map(({ data }) => firstVideoTime(data))).toEqual([0, 1, 2, 3, 4, 5].map((frame) => frame * frameTicks));
  expect(lastVideoTime(Buffer.concat(chunks.map(({ data }) => data)))).toBe(5 * frameTicks);
  expect(lastVideoTime(new Uint8Array(188))).toBeUndefined();
});

test('counts across the wrap of 33 bits', () => {
  expect(timeBetween(2 ** 33 - 100, 200)).toBe(300);
  expect(timeBetween(200, 2 ** 33 - 100)).toBe(-300);
});

test('takes any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(400), (bytes, at) => {
      videoStart(bytes, at);
    }),
  );
});
