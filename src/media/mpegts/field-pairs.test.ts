import { expect, test } from 'vitest';
import type { Ticks } from '../../units/ticks.ts';
import { BitWriter } from '../bits.ts';
import { fieldPicture } from '../codec/h264-fields.ts';
import { parseSps } from '../codec/h264-sps.ts';
import { withEmulationPrevention } from '../codec/rbsp.ts';
import { FieldPairs } from './field-pairs.ts';

const top = 0;
const bottom = 1;
const frame = undefined;

/** 160x144, frame_num in 4 bits, fields allowed. */
const spsUnit = withEmulationPrevention(
  new BitWriter()
    .bits(0x67, 8)
    .bits(77, 8)
    .bits(0, 8)
    .bits(30, 8)
    .ue(0)
    .ue(0)
    .ue(0)
    .ue(0)
    .ue(1)
    .bits(0, 1)
    .ue(9)
    .ue(4)
    .bits(0b0010, 4)
    .bits(0b00, 2)
    .bits(1, 1)
    .bytes(),
);
const sps = parseSps(spsUnit);
if (sps === undefined) throw new Error('the SPS is sound');

function slice(frameNum: number, parity: 0 | 1 | undefined, nalHeader = 0x41): Uint8Array {
  const bits = new BitWriter().bits(nalHeader, 8).ue(0).ue(7).ue(0).bits(frameNum, 4);
  if (parity === undefined) bits.bits(0, 1);
  else bits.bits(1, 1).bits(parity, 1);
  return bits.bits(0xff, 8).bytes();
}

const idr = (frameNum: number, parity: 0 | 1): Uint8Array => slice(frameNum, parity, 0x65);
const delimiter = Uint8Array.of(9, 0xf0);

/** Pictures at 0, 1, 2…; told as the time and the slices of what comes out. */
function run(pictures: readonly Uint8Array[]): (readonly [number, number])[] {
  const out: [number, number][] = [];
  const pairs = new FieldPairs(({ dts, units }) => out.push([dts, units.length - 1]));
  pictures.forEach((unit, i) => {
    if (sps === undefined) return;
    const units = [delimiter, unit];
    const field = fieldPicture(units, sps);
    if (!pairs.completes(units, field)) pairs.push({ dts: i as Ticks, pts: i as Ticks, keyframe: false, units }, field);
    unit.fill(0);
  });
  pairs.flush();
  return out;
}

test.each([
  [
    'whole frames',
    [slice(0, frame), slice(1, frame)],
    [
      [0, 1],
      [1, 1],
    ],
  ],
  [
    'top and bottom',
    [slice(0, top), slice(0, bottom), slice(1, top), slice(1, bottom)],
    [
      [0, 2],
      [2, 2],
    ],
  ],
  ['bottom first', [slice(0, bottom), slice(0, top)], [[0, 2]]],
  [
    'pictures that nothing refers to share a number',
    [slice(3, top), slice(3, bottom), slice(3, top), slice(3, bottom)],
    [
      [0, 2],
      [2, 2],
    ],
  ],
  ['an IDR field and a predicted one', [idr(0, top), slice(0, bottom)], [[0, 2]]],
  [
    'two IDR fields are two frames',
    [idr(0, top), idr(0, bottom)],
    [
      [0, 1],
      [1, 1],
    ],
  ],
  [
    'a second field is missing',
    [slice(0, top), slice(1, top), slice(1, bottom)],
    [
      [0, 1],
      [1, 2],
    ],
  ],
  [
    'a first field is missing',
    [slice(0, bottom), slice(1, top), slice(1, bottom)],
    [
      [0, 1],
      [1, 2],
    ],
  ],
  [
    'fields and frames mixed',
    [slice(0, frame), slice(1, top), slice(1, bottom), slice(2, frame)],
    [
      [0, 1],
      [1, 2],
      [3, 1],
    ],
  ],
])('%s', (_, pictures, out) => {
  expect(run(pictures)).toEqual(out);
});
