import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { at, runOf } from '../../../test/support/archived-runs.ts';
import { streamName } from '../../units/ids.ts';
import { ticks } from '../../units/ticks.ts';
import { instant } from '../../units/time.ts';
import type { ArchivedRun } from '../catalogue/archived-run.ts';
import { StreamRuns } from '../catalogue/stream-runs.ts';
import type { KeptStream } from './candidates.ts';
import { Holds } from './holds.ts';
import { decideRetention, type RetentionState } from './retention.ts';
import { isBelow, parseWatermark, raisedOver, renderWatermark } from './watermark.ts';

const hour = 3600;
const [cam, other] = [streamName('cam'), streamName('other')];

function kept(
  runs: readonly ArchivedRun[],
  more: Partial<Omit<KeptStream, 'runs'>> = {},
): KeptStream & { readonly runs: StreamRuns } {
  const held = new StreamRuns();
  for (const run of runs) held.put(run);
  const nothing = (): boolean => false;
  return {
    stream: cam,
    runs: held,
    mostAge: undefined,
    mostBytes: undefined,
    isHeld: nothing,
    isUnreplicated: nothing,
    ...more,
  };
}

const hours = (count: number, server = 's01'): ArchivedRun[] =>
  Array.from({ length: count }, (_, i) => runOf(server, i * hour, (i + 1) * hour, i));
const perHour = 3_600_000;

function decide(state: Partial<RetentionState>): { readonly deletions: string[]; readonly excesses: unknown } {
  const { deletions, excesses } = decideRetention({
    now: at(10 * hour),
    clockInDoubt: false,
    streams: [],
    space: undefined,
    ...state,
  });
  const told = deletions.map(
    ({ stream, run, reason, unreplicated }) =>
      `${stream} ${(run.start - at(0)) / 90_000 / hour} ${reason}${unreplicated ? ' unreplicated' : ''}`,
  );
  return { deletions: told, excesses };
}

describe('retention', () => {
  test('by age takes what ended that long ago, but for the newest', () => {
    const mostAge = 7 * hour * 90_000;
    expect(decide({ streams: [kept(hours(10), { mostAge })] }).deletions).toEqual([
      'cam 0 age',
      'cam 1 age',
      'cam 2 age',
    ]);
    expect(decide({ streams: [kept(hours(2), { mostAge })] }).deletions).toEqual(['cam 0 age']);
    expect(decide({ streams: [kept(hours(10), { mostAge })], clockInDoubt: true }).deletions).toEqual([]);
  });

  test('by size takes the oldest until the rest fits', () => {
    const streams = [kept(hours(10), { mostBytes: 7.5 * perHour })];
    expect(decide({ streams }).deletions).toEqual(['cam 0 size', 'cam 1 size', 'cam 2 size']);
    expect(decide({ streams: [kept(hours(10), { mostBytes: 10 * perHour })] }).deletions).toEqual([]);
    // Age did it.
    const both = { mostAge: 7 * hour * 90_000, mostBytes: 7 * perHour };
    expect(decide({ streams: [kept(hours(10), both)] }).deletions).toHaveLength(3);
  });

  test('by free space takes the oldest of all streams', () => {
    const streams = [kept(hours(3)), kept(hours(4), { stream: other })];
    const space = { freeBytes: 1000, wantedBytes: 1001 + 3 * perHour };
    expect(decide({ streams, space })).toEqual({
      deletions: ['cam 0 space', 'other 0 space', 'cam 1 space', 'other 1 space'],
      excesses: [],
    });
    expect(decide({ streams, space: { freeBytes: 1001, wantedBytes: 1001 } }).deletions).toEqual([]);
  });

  test('takes what its home does not have last, and tells', () => {
    const isUnreplicated = ({ start }: ArchivedRun): boolean => start < at(2 * hour);
    const streams = [kept(hours(6), { mostBytes: 2 * perHour, isUnreplicated })];
    expect(decide({ streams }).deletions).toEqual([
      'cam 2 size',
      'cam 3 size',
      'cam 4 size',
      'cam 0 size unreplicated',
    ]);
    const mostAge = 8 * hour * 90_000;
    expect(decide({ streams: [kept(hours(6), { mostAge, isUnreplicated })] }).deletions).toEqual([
      'cam 0 age unreplicated',
      'cam 1 age unreplicated',
    ]);
  });

  test('passes over what is read or recorded, and tells what it could not take', () => {
    const runs = hours(4).map((run, i) => ({ ...run, open: i === 2 }));
    const isHeld = ({ start }: ArchivedRun): boolean => start === at(0);
    const streams = [kept(runs, { mostBytes: perHour, isHeld })];
    expect(decide({ streams, space: { freeBytes: 0, wantedBytes: 5 * perHour } })).toEqual({
      deletions: ['cam 1 size'],
      excesses: [
        { stream: cam, bytes: 2 * perHour },
        { stream: undefined, bytes: 4 * perHour },
      ],
    });
  });

  test('decides about no more than can be deleted soon', () => {
    expect(decide({ streams: [kept(hours(500), { mostBytes: 0 })] }).deletions).toHaveLength(100);
  });

  test('whatever there is: never the newest, never what is held; limits are kept or told; repeated, it comes to rest', () => {
    const spans = fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 12 });
    const stream = fc.record({
      spans,
      mostBytes: fc.option(fc.nat(20), { nil: undefined }),
      held: fc.nat(30),
      alone: fc.nat(30),
    });
    fc.assert(
      fc.property(fc.array(stream, { maxLength: 4 }), fc.nat(40), fc.nat(12), (list, wanted, age) => {
        const streams = list.map(({ spans: starts, mostBytes, held, alone }, i) =>
          kept(
            starts.map((start) => runOf('s01', start * hour, (start + 1) * hour)),
            {
              stream: streamName(`cam${i}`),
              mostAge: age * hour * 90_000,
              mostBytes: mostBytes === undefined ? undefined : mostBytes * perHour,
              isHeld: (run) => run.start === at(held * hour),
              isUnreplicated: (run) => run.start < at(alone * hour),
            },
          ),
        );
        const before = streams.map(({ runs }) => runs.all.at(-1));
        let freeBytes = 5 * perHour;
        const state = (): RetentionState => ({
          now: at(40 * hour),
          clockInDoubt: false,
          streams,
          space: { freeBytes, wantedBytes: wanted * perHour },
        });
        const { deletions, excesses } = decideRetention(state());
        const firstAlone = deletions.findIndex(({ unreplicated }) => unreplicated);
        if (firstAlone >= 0) expect(deletions.slice(firstAlone).every(({ unreplicated }) => unreplicated)).toBe(true);
        for (const { stream: name, run } of deletions) {
          const of = streams.find((one) => one.stream === name);
          expect(of?.isHeld(run)).toBe(false);
          of?.runs.remove(run);
          freeBytes += run.bytes;
        }
        expect(streams.map(({ runs }) => runs.all.at(-1))).toEqual(before);
        for (const one of streams) {
          const told = excesses.some((excess) => excess.stream === one.stream);
          if (!told && one.mostBytes !== undefined) expect(one.runs.bytes).toBeLessThanOrEqual(one.mostBytes);
        }
        if (!excesses.some((excess) => excess.stream === undefined)) {
          expect(freeBytes).toBeGreaterThanOrEqual(wanted * perHour);
        }
        expect(decideRetention(state()).deletions).toEqual([]);
      }),
    );
  });
});

describe('holds', () => {
  const run = runOf('s01', 0, 1);

  test('last a minute from the last reading, and six hours at most', () => {
    const holds = new Holds();
    holds.read(cam, run, instant(0));
    expect([0, 59_999, 60_000].map((now) => holds.isHeld(cam, run, instant(now)))).toEqual([true, true, false]);
    expect(holds.isHeld(other, run, instant(0))).toBe(false);
    const sixHours = 6 * 3_600_000;
    for (let now = 0; now <= sixHours; now += 30_000) holds.read(cam, run, instant(now));
    expect(holds.isHeld(cam, run, instant(sixHours - 1))).toBe(true);
    expect(holds.isHeld(cam, run, instant(sixHours))).toBe(false);
    holds.sweep(instant(sixHours));
    expect(holds.size).toBe(1);
    holds.sweep(instant(sixHours + 60_000));
    expect(holds.size).toBe(0);
    holds.read(cam, run, instant(sixHours + 60_000));
    expect(holds.isHeld(cam, run, instant(sixHours + 60_001))).toBe(true);
  });
});

describe('the watermark', () => {
  test('rises over what is deleted, and is read back', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000_000_000), { minLength: 1 }), (ends) => {
        let mark: ReturnType<typeof ticks> | undefined;
        for (const end of ends) mark = raisedOver(mark, { start: at(0), end: ticks(at(0) + end) });
        for (const end of ends) expect(isBelow(mark, { start: at(0), end: ticks(at(0) + end) })).toBe(true);
        expect(isBelow(mark, { start: at(0), end: ticks(at(0) + Math.max(...ends) + 90) })).toBe(false);
        if (mark !== undefined) expect(parseWatermark(renderWatermark(mark))).toBe(mark);
      }),
    );
    expect(renderWatermark(at(0))).toBe('2024-10-04T00:00:00.000Z\n');
    expect(isBelow(undefined, runOf('s01', 0, 1))).toBe(false);
  });

  test.each(['', 'x', '2024-10-04', '2024-13-04T00:00:00.000Z', '2024-10-04T00:00:00.000Z\n\n'])(
    '%j is none',
    (text) => {
      expect(parseWatermark(text)).toBeUndefined();
    },
  );
});
