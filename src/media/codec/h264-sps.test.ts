import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BitWriter } from '../bits.ts';
import { h264CodecString } from './h264-parameter-sets.ts';
import { parseSps } from './h264-sps.ts';
import { withEmulationPrevention } from './rbsp.ts';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

/** Made by encoders; the pictures are what ffprobe says of them. */
const known = [
  {
    sender: 'x264 main 1080p, cropped from 1088 lines',
    unit: '674d4028eca03c0113f2e022000007d20001d4c01e30632c',
    picture: { width: 1920, height: 1080, frameRate: 30000 / 1001, reorderFrames: 2, sampleAspectRatio: [1, 1] },
    codec: 'avc1.4d4028',
  },
  {
    sender: 'x264 constrained baseline 720p',
    unit: '6742c01fd9005005bb0110000003001000000301e0f1832480',
    picture: { width: 1280, height: 720, frameRate: 15, reorderFrames: 0 },
    codec: 'avc1.42c01f',
  },
  {
    sender: 'x264 576i with 16:11 samples',
    unit: '6764001eacd940b424d8208000000300800000190f8a14cb',
    picture: { width: 720, height: 576, frameRate: 25, frameMbsOnly: false, sampleAspectRatio: [16, 11] },
    codec: 'avc1.64001e',
  },
  {
    sender: 'x264 with 10 bits',
    unit: '676e0016a6cd941b1fe4f011000003000100000300640f162d96',
    picture: { width: 426, height: 240, frameRate: 50, bitDepthLuma: 10, bitDepthChroma: 10 },
    codec: 'avc1.6e0016',
  },
  {
    sender: 'x264 4:2:2 with HRD parameters in the VUI',
    unit: '677a0016bcd9415087888fc044000003000400000301e3808007a10001e84e4d38078b16cb',
    picture: { width: 322, height: 242, frameRate: 60, chromaFormat: 2, reorderFrames: 2 },
    codec: 'avc1.7a0016',
  },
  {
    sender: 'x264 4:4:4 with 7:5 samples',
    unit: '67f4000d919640507effc001c00144000003000400000300c03c50a920',
    picture: { width: 320, height: 240, frameRate: 24, chromaFormat: 3, sampleAspectRatio: [7, 5] },
    codec: 'avc1.f4000d',
  },
  {
    sender: 'OpenH264, which tells no frame rate',
    unit: '6742c01e8c8d405217f112403c2211a8',
    picture: { width: 642, height: 362, frameRate: undefined, frameNumBits: 15 },
    codec: 'avc1.42c01e',
  },
];

test.each(known)('$sender', ({ unit, picture, codec }) => {
  const sps = parseSps(hex(unit));
  expect(sps).toMatchObject(picture);
  expect(sps && h264CodecString(sps)).toBe(codec);
});

test('scaling lists are stepped over', () => {
  const bits = new BitWriter().bits(0x67, 8).bits(100, 8).bits(0, 8).bits(40, 8).ue(0);
  bits.ue(1).ue(0).ue(0).bits(0, 1).bits(1, 1);
  // A list that ends at once (its first delta makes 0), a list of 64 equal values, and six that are absent.
  bits.bits(1, 1).ue(16).bits(0, 5).bits(1, 1);
  for (let i = 0; i < 64; i++) bits.ue(0);
  bits.bits(0, 1).ue(0).ue(2).ue(4).bits(0, 1).ue(19).ue(14).bits(1, 1).bits(1, 1).bits(0, 1).bits(0, 1).bits(1, 1);
  expect(parseSps(withEmulationPrevention(bits.bytes()))).toMatchObject({ width: 320, height: 240, frameNumBits: 4 });
});

test('cut anywhere it is refused or loses its VUI, but never its size', () => {
  for (const { unit, picture } of known) {
    const whole = hex(unit);
    for (let end = 0; end < whole.length; end++) {
      const sps = parseSps(whole.subarray(0, end));
      if (sps !== undefined) expect([sps.width, sps.height]).toEqual([picture.width, picture.height]);
    }
  }
});

test('no bytes make it throw or believe in an impossible picture', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const sps = parseSps(Uint8Array.of(0x67, ...bytes));
      if (sps === undefined) return;
      expect(sps.width).toBeGreaterThan(0);
      expect(sps.width).toBeLessThanOrEqual(16_896);
      expect(sps.frameRate ?? 1).toBeLessThanOrEqual(1000);
    }),
    { numRuns: 5000 },
  );
});
