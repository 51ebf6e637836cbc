import { expect, test } from 'vitest';
import { ticks } from '../../units/ticks.ts';
import { BitWriter } from '../bits.ts';
import { isKeyframe, isLeadingPicture, nal, pictureStart, sliceHeader, startsAccessUnit } from './h264.ts';
import { withEmulationPrevention } from './rbsp.ts';

const p = 5;
const i = 7;

function slice(type: number, sliceType: number, firstMb = 0): Uint8Array {
  return new BitWriter()
    .bits(0x60 | type, 8)
    .ue(firstMb)
    .ue(sliceType)
    .ue(0)
    .bits(0xffff, 16)
    .bytes();
}

const sps = Uint8Array.of(0x67, 66, 0, 30);
const delimiter = Uint8Array.of(9, 0x10);
const recoveryPoint = Uint8Array.of(6, 6, 1, 0xc4, 0x80);
const timing = Uint8Array.of(6, 1, 2, 7, 7, 0x80);
/** User data of 300 bytes in front, as closed captions come, and the recovery point behind it in the same unit. */
const recoveryBehindCaptions = Uint8Array.from([6, 4, 255, 45, ...new Array(300).fill(6), 6, 1, 0xc4, 0x80]);
const captionsLikeRecovery = Uint8Array.from([6, 4, 3, 6, 1, 0xc4, 0x80]);

test.each([
  ['IDR', [delimiter, slice(nal.idr, i)], 'idr', true],
  ['IDR behind its side data', [timing, slice(nal.idr, i), slice(nal.idr, i, 20)], 'idr', true],
  ['recovery point', [delimiter, recoveryPoint, slice(nal.slice, i)], 'recovery-point', true],
  ['recovery point of a gradual refresh', [recoveryPoint, slice(nal.slice, p)], 'recovery-point', true],
  ['recovery point behind captions', [recoveryBehindCaptions, slice(nal.slice, i)], 'recovery-point', true],
  ['intra with parameter sets', [sps, slice(nal.slice, i), slice(nal.slice, i, 20)], 'intra', true],
  ['intra alone', [slice(nal.slice, i)], 'intra', false],
  ['one slice of several predicts', [sps, slice(nal.slice, i), slice(nal.slice, p, 20)], 'none', false],
  ['predicted', [delimiter, timing, slice(nal.slice, p)], 'none', false],
  ['captions that look like a recovery point', [captionsLikeRecovery, slice(nal.slice, p)], 'none', false],
  ['no picture', [delimiter, sps], 'none', false],
  ['nothing', [], 'none', false],
] as const)('%s', (_, units, start, keyframe) => {
  expect(pictureStart(units)).toBe(start);
  expect(isKeyframe(units)).toBe(keyframe);
});

test('side data that promises more than it has ends the search', () => {
  expect(pictureStart([Uint8Array.of(6, 255, 255, 255), slice(nal.slice, p)])).toBe('none');
  expect(pictureStart([Uint8Array.of(6), slice(nal.slice, p)])).toBe('none');
});

test.each([
  ['a slice from macroblock 0', nal.slice, 0x80, true],
  ['a later slice', nal.slice, 0x7f, false],
  ['an IDR slice from macroblock 0', nal.idr, 0x88, true],
  ['partition B of the same slice', 3, 0x80, false],
  ['a delimiter', nal.delimiter, 0xf0, true],
  ['an SPS', nal.sps, 66, true],
  ['side data', nal.sei, 1, true],
  ['filler behind the slices', nal.filler, 255, false],
  ['the end of the sequence', nal.endOfSequence, 0, false],
])('%s', (_, type, second, starts) => {
  expect(startsAccessUnit(type, second)).toBe(starts);
});

test('a slice header is read through emulation prevention', () => {
  // The code of 2^23 - 1 is 23 zeros, a one and 23 zeros: bytes of prevention lie within.
  const unit = withEmulationPrevention(slice(nal.idr, i, 2 ** 23 - 1));
  expect(unit.length).toBeGreaterThan(slice(nal.idr, i, 2 ** 23 - 1).length);
  expect(sliceHeader(unit)).toEqual({ firstMb: 2 ** 23 - 1, type: 2, pps: 0 });
  expect(sliceHeader(slice(nal.slice, 7, 396))).toEqual({ firstMb: 396, type: 2, pps: 0 });
  expect(sliceHeader(Uint8Array.of(0x65))).toEqual({ firstMb: 0, type: 0, pps: 0 });
});

test('what is decoded after a keyframe and shown before it is a leading picture', () => {
  const start = { dts: ticks(3600), pts: ticks(10_800) };
  expect(isLeadingPicture({ dts: ticks(7200), pts: ticks(7200) }, start)).toBe(true);
  expect(isLeadingPicture({ dts: ticks(14_400), pts: ticks(14_400) }, start)).toBe(false);
  expect(isLeadingPicture(start, start)).toBe(false);
});
