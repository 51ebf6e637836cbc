import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withEmulationPrevention, withoutEmulationPrevention } from './rbsp.ts';

const tricky = fc.array(fc.constantFrom(0, 0, 0, 1, 2, 3, 4)).map((bytes) => Uint8Array.from(bytes));

test('a payload comes back, and its unit holds no start code', () => {
  fc.assert(
    fc.property(tricky, (payload) => {
      const unit = withEmulationPrevention(payload);
      expect(withoutEmulationPrevention(unit)).toEqual(payload);
      expect(unit.join(',')).not.toMatch(/\b0,0,[012]\b/);
    }),
    { numRuns: 1000 },
  );
});

test.each([
  [
    [0, 0, 1],
    [0, 0, 3, 1],
  ],
  [
    [0, 0, 0, 0],
    [0, 0, 3, 0, 0],
  ],
  [
    [0, 0, 3],
    [0, 0, 3, 3],
  ],
  [
    [0, 0, 4],
    [0, 0, 4],
  ],
])('%j is sent as %j', (payload, unit) => {
  expect([...withEmulationPrevention(Uint8Array.from(payload))]).toEqual(unit);
});

test('a unit without prevention is not copied', () => {
  const unit = Uint8Array.of(0x67, 1, 2, 3);
  expect(withoutEmulationPrevention(unit)).toBe(unit);
});
