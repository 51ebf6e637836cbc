import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BitReader, BitWriter } from './bits.ts';

test('fields of any width come back', () => {
  const field = fc.integer({ min: 1, max: 32 }).chain((width) => fc.tuple(fc.nat(2 ** width - 1), fc.constant(width)));
  fc.assert(
    fc.property(fc.array(field), (fields) => {
      const out = new BitWriter();
      for (const [value, width] of fields) out.bits(value, width);
      const bits = new BitReader(out.bytes());
      for (const [value, width] of fields) expect(bits.bits(width)).toBe(value);
      expect(bits.exhausted).toBe(false);
    }),
  );
});

test.each([
  [0, [0b1000_0000]],
  [1, [0b0100_0000]],
  [2, [0b0110_0000]],
  [3, [0b0010_0000]],
  [7, [0b0001_0000]],
  [254, [0b0000_0001, 0b1111_1110]],
])('ue(%i) has the bits of table 9-2', (value, bytes) => {
  expect([...new BitWriter().ue(value).bytes()]).toEqual(bytes);
});

test('exponential codes come back', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2 ** 31 - 2)), (values) => {
      const out = new BitWriter();
      for (const value of values) out.ue(value);
      const bits = new BitReader(out.bytes());
      expect(values.map(() => bits.ue())).toEqual(values);
    }),
  );
});

test.each([
  [0, 0],
  [1, 1],
  [2, -1],
  [3, 2],
  [4, -2],
])('ue(%i) is se(%i)', (code, value) => {
  expect(new BitReader(new BitWriter().ue(code).bytes()).se() + 0).toBe(value);
});

test('past the end it reads zeros and says so', () => {
  const bits = new BitReader(Uint8Array.of(0xff));
  expect(bits.bits(12)).toBe(0xff0);
  expect(bits.exhausted).toBe(true);
  expect(bits.ue()).toBe(0);
});
