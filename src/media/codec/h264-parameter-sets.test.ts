import { expect, test } from 'vitest';
import { BitWriter } from '../bits.ts';
import { H264ParameterSets } from './h264-parameter-sets.ts';
import { withEmulationPrevention } from './rbsp.ts';

function sps(id: number, columns: number): Uint8Array {
  const bits = new BitWriter().bits(0x67, 8).bits(66, 8).bits(0, 8).bits(30, 8).ue(id).ue(0).ue(0).ue(0).ue(1);
  return withEmulationPrevention(
    bits
      .bits(0, 1)
      .ue(columns - 1)
      .ue(8)
      .bits(0b1100, 4)
      .bits(1, 1)
      .bytes(),
  );
}

function pps(id: number, spsId: number, rest = 0): Uint8Array {
  return new BitWriter().bits(0x68, 8).ue(id).ue(spsId).bits(rest, 8).bits(1, 1).bytes();
}

function idr(ppsId: number): Uint8Array {
  return new BitWriter().bits(0x65, 8).ue(0).ue(7).ue(ppsId).bits(255, 8).bytes();
}

test('a track needs an SPS and a PPS of it, in any order and over several access units', () => {
  const sets = new H264ParameterSets();
  expect(sets.update([idr(0)], 90_000)).toBeUndefined();
  expect(sets.update([pps(0, 1)], 90_000)).toBeUndefined();
  expect(sets.update([sps(0, 20)], 90_000)).toBeUndefined();
  expect(sets.update([sps(1, 10), idr(0)], 90_000)).toMatchObject({
    width: 160,
    height: 144,
    codecString: 'avc1.42001e',
  });
});

test('the same sets again are the same track', () => {
  const sets = new H264ParameterSets();
  const track = sets.update([sps(0, 10), pps(0, 0), idr(0)], 90_000);
  expect(sets.update([sps(0, 10), pps(0, 0), idr(0)], 90_000)).toBe(track);
  expect(sets.update([idr(0)], 90_000)).toBe(track);
});

test('another SPS under the same number is another track', () => {
  const sets = new H264ParameterSets();
  sets.update([sps(0, 10), pps(0, 0), idr(0)], 90_000);
  expect(sets.update([sps(0, 20), pps(0, 0), idr(0)], 90_000)?.width).toBe(320);
});

test('of several SPS the one that the slices use counts, whichever came last', () => {
  const sets = new H264ParameterSets();
  const units = [sps(0, 10), sps(1, 20), pps(0, 0), pps(1, 1), pps(2, 0)];
  const track = sets.update([...units, idr(1)], 90_000);
  expect(track).toMatchObject({ width: 320, pps: [pps(1, 1)] });
  expect(sets.update([...units, idr(1)], 90_000)).toBe(track);
  expect(sets.update([...units, idr(2)], 90_000)).toMatchObject({ width: 160, pps: [pps(0, 0), pps(2, 0)] });
});

test('sets are copied: the buffer they came in may be used again', () => {
  const unit = sps(0, 10);
  const sets = new H264ParameterSets();
  const track = sets.update([unit, pps(0, 0), idr(0)], 90_000);
  unit.fill(0);
  expect(track?.sps).toEqual(sps(0, 10));
});

test('damaged sets change nothing', () => {
  const sets = new H264ParameterSets();
  const track = sets.update([sps(0, 10), pps(0, 0), idr(0)], 90_000);
  const damaged = [Uint8Array.of(0x67, 66), Uint8Array.of(0x68), new Uint8Array(5000).fill(0x67), Uint8Array.of()];
  expect(sets.update(damaged, 90_000)).toBe(track);
});
