import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withDecodeTimes } from './decode-time.ts';

test('a file that is read in pieces is patched as if it were whole', () => {
  const places = [
    { at: 3, value: 2n ** 63n + 5n },
    { at: 20, value: 158_400_000_000_000n },
  ];
  const file = Uint8Array.from({ length: 40 }, (_, i) => i);
  const whole = withDecodeTimes(file.slice(), places);
  expect(Buffer.from(whole).readBigUInt64BE(3)).toBe(2n ** 63n + 5n);
  expect(Buffer.from(whole).readBigUInt64BE(20)).toBe(158_400_000_000_000n);
  expect([whole[2], whole[11], whole[19], whole[28]]).toEqual([2, 11, 19, 28]);
  fc.assert(
    fc.property(fc.array(fc.nat(40), { maxLength: 10 }), (cuts) => {
      const ends = [0, ...[...cuts].sort((a, b) => a - b), 40];
      const pieces = ends.slice(1).map((to, i) => withDecodeTimes(file.slice(ends[i], to), places, ends[i]));
      expect(Uint8Array.from(Buffer.concat(pieces))).toEqual(whole);
    }),
  );
});
