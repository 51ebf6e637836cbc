import fc from 'fast-check';
import { expect, test } from 'vitest';
import { avcDecoderConfiguration, splitLengthPrefixed } from './avcc.ts';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));

/** What ffmpeg's MP4 muxer writes for the same parameter sets. */
test.each([
  {
    profile: 'constrained baseline, which tells no chroma',
    sps: '6742c01e8c8d405217f112403c2211a8',
    pps: '68ce3c8000',
    record: '0142c01effe100106742c01e8c8d405217f112403c2211a801000568ce3c8000',
  },
  {
    profile: 'high',
    sps: '6764001eacd940b424d8208000000300800000190f8a14cb',
    pps: '68fba3cb22c0',
    record: '0164001effe100186764001eacd940b424d8208000000300800000190f8a14cb01000668fba3cb22c0fdf8f800',
  },
])('$profile', ({ sps, pps, record }) => {
  const bytes = avcDecoderConfiguration({ sps: hex(sps), pps: [hex(pps)] });
  expect(Buffer.from(bytes).toString('hex')).toBe(record);
});

test('length-prefixed units come back, and a cut sample is refused', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1 }), (units) => {
      const sample = Uint8Array.from(units.flatMap((unit) => [0, 0, 0, unit.length, ...unit]));
      expect(splitLengthPrefixed(sample)).toEqual(units);
      const cut = splitLengthPrefixed(sample.subarray(0, -1));
      expect(cut).toBeUndefined();
    }),
  );
});
