import { expect, test } from 'vitest';
import { capture, demux } from '../../../test/support/captures.ts';
import { ticks } from '../../units/ticks.ts';
import { splitLengthPrefixed } from '../codec/avcc.ts';
import { nalType } from '../codec/h264.ts';
import type { Frame } from '../frame.ts';
import { SampleRun } from './sample-run.ts';

const source = demux(capture('b-frames.ts'));
const [video, audio] = source.announced[0]?.tracks ?? [];
if (video === undefined || audio === undefined) throw new Error('the capture has two tracks');

const sps = Uint8Array.of(0x67, 1);
const pps = Uint8Array.of(0x68, 2);
const idr = Uint8Array.of(0x65, 3);
const slice = Uint8Array.of(0x41, 4);
const delimiter = Uint8Array.of(9, 0xf0);
const filler = Uint8Array.of(12, 255, 128);
const hidden = Uint8Array.of(6, 5);

function frame(dts: number, keyframe: boolean, units: readonly Uint8Array[], pts = dts): Frame {
  return { track: 0, dts: ticks(dts), pts: ticks(pts), keyframe, units };
}

test.each([
  ['a keyframe without parameter sets gets the track’s', true, [delimiter, hidden, idr], [7, 8, 6, 5]],
  ['a keyframe that has them keeps its own', true, [delimiter, sps, pps, idr], [7, 8, 5]],
  ['other pictures get none', false, [delimiter, slice], [1]],
  ['filler is left out', false, [slice, filler], [1]],
])('%s', (_, keyframe, units, types) => {
  const run = new SampleRun(video);
  run.add(frame(0, keyframe, units));
  expect(splitLengthPrefixed(run.take(undefined).bytes)?.map(nalType)).toEqual(types);
});

const timesOf = (run: SampleRun, end?: number): number[][] =>
  run
    .take(end === undefined ? undefined : ticks(end))
    .samples.map(({ duration, compositionOffset }) => [duration, compositionOffset]);

test('durations come from the next frame, the last one’s from the next fragment', () => {
  const run = new SampleRun(video);
  for (const dts of [0, 3600, 7201]) run.add(frame(dts, false, [slice]));
  expect(timesOf(run, 11_000)).toEqual([
    [3600, 0],
    [3601, 0],
    [3799, 0],
  ]);
});

test('where the next is not known the last duration goes on, at first the track’s own', () => {
  const run = new SampleRun(video);
  run.add(frame(0, true, [slice]));
  expect(timesOf(run)).toEqual([[3600, 0]]);
  for (const dts of [3600, 5400]) run.add(frame(dts, false, [slice]));
  expect(timesOf(run)).toEqual([
    [1800, 0],
    [1800, 0],
  ]);
  const sound = new SampleRun(audio);
  sound.add(frame(0, true, [slice]));
  expect(timesOf(sound)).toEqual([[1024, 0]]);
});

test('decode times that go back cost no presentation time', () => {
  const run = new SampleRun(video);
  for (const dts of [0, 3600, 1800, 7200]) run.add(frame(dts, false, [slice], dts + 100));
  const { samples } = run.take(ticks(10_800));
  let decoded = 0;
  const shown = samples.map(({ duration, compositionOffset }) => {
    decoded += duration;
    return decoded - duration + compositionOffset;
  });
  expect(shown).toEqual([100, 3700, 1900, 7300]);
  expect(samples.every(({ duration }) => duration >= 0)).toBe(true);
});

test('what was taken is not touched by what comes next', () => {
  const run = new SampleRun(video);
  run.add(frame(0, false, [Uint8Array.of(0x41, 1)]));
  const first = run.take(undefined).bytes;
  const copy = first.slice();
  for (let i = 0; i < 100; i++) run.add(frame(i, false, [new Uint8Array(1000).fill(0x41)]));
  expect(first).toEqual(copy);
  expect(run.take(undefined).bytes.length).toBe(100 * 1004);
  expect(run.isEmpty).toBe(true);
});
