import fc from 'fast-check';
import { expect, test } from 'vitest';
import { frameTicks, tsChunks } from '../../../test/support/ts-chunks.ts';
import { firstPicture, timeBetween, unitStart, unitStarts } from './unit-start.ts';

test('finds the units that the muxer wrote', () => {
  const chunks = tsChunks({ from: 4, to: 7, gop: 5 });
  const units = [...unitStarts(Buffer.concat(chunks.map(({ data }) => data)))];
  expect(units).toEqual(
    [4, 5, 6].map((frame) => ({ pid: 0x100, video: true, dts: frame * frameTicks, keyframe: frame === 5 })),
  );
  expect(firstPicture(chunks[2]?.data ?? new Uint8Array())?.dts).toBe(6 * frameTicks);
  expect(firstPicture(new Uint8Array(188))).toBeUndefined();
});

test('counts across the wrap of 33 bits', () => {
  expect(timeBetween(2 ** 33 - 100, 200)).toBe(300);
  expect(timeBetween(200, 2 ** 33 - 100)).toBe(-300);
});

test('takes any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(400), (bytes, at) => {
      unitStart(bytes, at);
    }),
  );
});
