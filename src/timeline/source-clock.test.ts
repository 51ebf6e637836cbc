import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ticks } from '../units/ticks.ts';
import { SourceClock } from './source-clock.ts';

interface Stamp {
  readonly track?: number;
  readonly dts: number;
  readonly pts?: number;
  /** Seconds on the steady clock that a frame arriving now may have at most. */
  readonly latest?: number;
}

const timescales = [1_000, 48_000];

function place(
  clock: SourceClock,
  { track = 0, dts, pts = dts, latest }: Stamp,
): { dts: number; pts: number; bad: boolean } {
  const frame = { track, dts: ticks(dts), pts: ticks(pts), keyframe: false, units: [] };
  return clock.place(frame, timescales[track] ?? 1_000, latest ?? 0);
}

const dtsOf = (clock: SourceClock, stamps: readonly Stamp[]): number[] =>
  stamps.map((stamp) => place(clock, stamp).dts);

describe('one track', () => {
  const table: { readonly name: string; readonly dts: readonly number[]; readonly placed: readonly number[] }[] = [
    { name: 'steady', dts: [100, 140, 180, 220], placed: [100, 140, 180, 220] },
    { name: 'variable rate', dts: [0, 40, 240, 250, 900], placed: [0, 40, 240, 250, 900] },
    { name: 'one wrong timestamp, far ahead', dts: [0, 40, 9_000_000, 120, 160], placed: [0, 40, 80, 120, 160] },
    {
      name: 'one wrong timestamp, far behind',
      dts: [90_000, 90_040, 3, 90_120],
      placed: [90_000, 90_040, 90_080, 90_120],
    },
    { name: 'the clock starts again', dts: [5_000, 5_040, 0, 40, 80], placed: [5_000, 5_040, 5_080, 5_120, 5_160] },
    { name: 'the clock jumps ahead', dts: [0, 40, 60_000, 60_040], placed: [0, 40, 80, 120] },
    {
      name: 'it jumps ahead and back again',
      dts: [0, 40, 60_000, 60_040, 160, 200],
      placed: [0, 40, 80, 120, 160, 200],
    },
    { name: 'the same time twice', dts: [0, 40, 40, 80], placed: [0, 40, 41, 80] },
    { name: 'disorder', dts: [0, 40, 20, 80, 120], placed: [0, 40, 41, 80, 120] },
    { name: 'nothing but noise', dts: [7, 90_000, 3, 5_000_000, 44], placed: [7, 47, 48, 88, 89] },
  ];
  test.each(table)('$name', ({ dts, placed }) => {
    expect(
      dtsOf(
        new SourceClock(),
        dts.map((value) => ({ dts: value })),
      ),
    ).toEqual(placed);
  });

  test('a step that the arrival explains is video lost on the way', () => {
    const stamps = [
      { dts: 0, latest: 1 },
      { dts: 40, latest: 1 },
      { dts: 8_000, latest: 9 },
      { dts: 8_040, latest: 9 },
    ];
    expect(dtsOf(new SourceClock(), stamps)).toEqual([0, 40, 8_000, 8_040]);
  });

  test('presentation keeps its distance, is not pulled behind decoding, and forgets what is absurd', () => {
    const clock = new SourceClock();
    expect(place(clock, { dts: 0, pts: 80 }).pts).toBe(80);
    expect(place(clock, { dts: 40, pts: 20 }).pts).toBe(40);
    expect(place(clock, { dts: 80, pts: 900_000 }).pts).toBe(80);
    // Squeezed behind the last frame, it is still shown when it should be.
    expect(place(clock, { dts: 70, pts: 160 })).toEqual({ dts: 81, pts: 160, bad: false });
  });
});

describe('two tracks', () => {
  const jump = 70_000;
  const v = (picture: number, by = 0): Stamp => ({ track: 0, dts: Math.round((picture * 0.04 + by) * 1_000) });
  const a = (picture: number, by = 0): Stamp => ({ track: 1, dts: Math.round((picture * 0.04 + by) * 48_000) });
  /** A picture is missing at the jump, which nobody can know: guesses of each track's own would part them. */
  const jumps: readonly { readonly name: string; readonly stamps: readonly Stamp[] }[] = [
    { name: 'one after the other', stamps: [v(51, jump), a(50, jump), v(52, jump), a(52, jump)] },
    {
      name: 'the sound before the pictures are sure',
      stamps: [v(51, jump), a(50.5, jump), a(51, jump), v(52, jump), a(52, jump)],
    },
    { name: 'the sound much later', stamps: [v(51, jump), v(52, jump), v(53, jump), a(50), a(53, jump)] },
  ];
  test.each(jumps)('jump together, $name: what was in step stays in step', ({ stamps }) => {
    const clock = new SourceClock();
    for (let i = 0; i < 50; i++) for (const stamp of [v(i), a(i)]) place(clock, stamp);
    for (const stamp of stamps) place(clock, stamp);
    for (let i = 54; i < 60; i++) {
      const video = place(clock, v(i, jump)).dts / 1_000;
      const audio = place(clock, a(i, jump)).dts / 48_000;
      expect(video).toBeCloseTo((i - 1) * 0.04, 2);
      expect(audio - video).toBeCloseTo(0, 3);
    }
  });

  test('with clocks of their own are brought together', () => {
    const clock = new SourceClock();
    place(clock, { track: 0, dts: 500_000 });
    const audio = place(clock, { track: 1, dts: 96_000 });
    expect(audio.dts / 48_000).toBeCloseTo(500, 0);
  });
});

test('whatever comes, decode times strictly increase and presentation follows', () => {
  const stamp = fc.record({
    track: fc.constantFrom(0, 1),
    dts: fc.oneof(fc.integer({ min: -1e9, max: 1e12 }), fc.integer({ min: 0, max: 3_000 })),
    pts: fc.integer({ min: -1e9, max: 1e12 }),
    latest: fc.integer({ min: 0, max: 1e6 }),
  });
  fc.assert(
    fc.property(fc.array(stamp, { maxLength: 200 }), (stamps) => {
      const clock = new SourceClock();
      const last = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (const each of stamps) {
        const { dts, pts } = place(clock, each);
        expect(Number.isSafeInteger(dts)).toBe(true);
        expect(dts).toBeGreaterThan(last[each.track] ?? 0);
        expect(pts).toBeGreaterThanOrEqual(dts);
        last[each.track] = dts;
      }
    }),
  );
});
