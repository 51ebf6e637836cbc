import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findStartCode, splitAnnexB } from './annexb.ts';
import { withEmulationPrevention } from './rbsp.ts';

/** Bytes that look like start codes far more often than chance has them. */
const tricky = fc.array(fc.constantFrom(0, 0, 0, 1, 2, 3, 255)).map((bytes) => Uint8Array.from(bytes));

test('the fast search finds what the plain one finds, from anywhere', () => {
  fc.assert(
    fc.property(tricky, fc.nat(20), fc.nat(60), (bytes, from, to) => {
      const end = Math.min(to, bytes.length);
      let plain = -1;
      for (let i = end - 3; i >= from; i--) if (bytes[i] === 0 && bytes[i + 1] === 0 && bytes[i + 2] === 1) plain = i;
      expect(findStartCode(bytes, from, end)).toBe(plain);
    }),
    { numRuns: 2000 },
  );
});

test('units joined by start codes of either length come back', () => {
  // A NAL unit ends with its stop bit, so never with a zero.
  const unit = tricky.map((bytes) => withEmulationPrevention(Uint8Array.of(65, ...bytes, 128)));
  fc.assert(
    fc.property(fc.array(fc.tuple(unit, fc.boolean())), (units) => {
      const stream = units.flatMap(([bytes, long]) => (long ? [0, 0, 0, 1, ...bytes] : [0, 0, 1, ...bytes]));
      expect(splitAnnexB(Uint8Array.from(stream))).toEqual(units.map(([bytes]) => bytes));
    }),
  );
});

test.each([
  ['nothing', [], []],
  ['no start code', [9, 9, 9], []],
  ['bytes in front', [7, 0, 0, 1, 9], [[9]]],
  ['zeros behind', [0, 0, 1, 9, 0, 0, 0], [[9]]],
  ['an empty unit', [0, 0, 1, 0, 0, 1, 9], [[9]]],
])('%s', (_, bytes, units) => {
  expect(splitAnnexB(Uint8Array.from(bytes)).map((unit) => [...unit])).toEqual(units);
});
