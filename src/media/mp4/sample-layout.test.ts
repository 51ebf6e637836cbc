import { expect, test } from 'vitest';
import { capture, demux } from '../../../test/support/captures.ts';
import { sampleOf } from '../../../test/support/sample-of.ts';
import { ticks } from '../../units/ticks.ts';
import { nalType } from '../codec/h264.ts';
import type { Frame } from '../frame.ts';
import { unitsOf } from './sample-layout.ts';

const tracks = demux(capture('b-frames.ts')).announced[0]?.tracks ?? [];
const [video, audio] = tracks;
if (video === undefined || audio === undefined) throw new Error('the capture has two tracks');

const sps = Uint8Array.of(0x67, 1);
const pps = Uint8Array.of(0x68, 2);
const idr = Uint8Array.of(0x65, 3);
const slice = Uint8Array.of(0x41, 4);
const delimiter = Uint8Array.of(9, 0xf0);
const filler = Uint8Array.of(12, 255, 128);
const hidden = Uint8Array.of(6, 5);

function frame(track: number, keyframe: boolean, units: readonly Uint8Array[]): Frame {
  return { track, dts: ticks(0), pts: ticks(0), keyframe, units };
}

test.each([
  ['a keyframe without parameter sets gets the track’s', true, [delimiter, hidden, idr], [7, 8, 6, 5]],
  ['a keyframe that has them keeps its own', true, [delimiter, sps, pps, idr], [7, 8, 5]],
  ['other pictures get none', false, [delimiter, slice], [1]],
  ['filler is left out', false, [slice, filler], [1]],
])('%s', (_, keyframe, units, types) => {
  expect(unitsOf(sampleOf(frame(0, keyframe, units), tracks), video).map(nalType)).toEqual(types);
});

test('each unit has its length in front', () => {
  const long = new Uint8Array(70_000).fill(7);
  expect(Buffer.from(sampleOf(frame(0, false, [slice, long]), tracks).subarray(0, 11)).toString('hex')).toBe(
    '00000002410400011170' + '07',
  );
});

test('a sample of sound is the frame itself', () => {
  const sample = sampleOf(frame(1, true, [hidden]), tracks);
  expect(sample).toEqual(hidden);
  expect(unitsOf(sample, audio)).toEqual([hidden]);
});
