import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { at, runOf } from '../../../test/support/archived-runs.ts';
import { recordedRun } from '../../../test/support/recorded-run.ts';
import { indexOf } from '../../../test/support/run-index.ts';
import { serverName, streamName } from '../../units/ids.ts';
import { recordBytes } from '../index/record.ts';
import { seam } from '../span/span.ts';
import { type ArchivedRun, closedRun, indexedRun, openRun } from './archived-run.ts';
import { Catalogue } from './catalogue.ts';
import { type HeldRun, heldRuns } from './held-runs.ts';
import { IndexCache } from './index-cache.ts';
import { intervals } from './intervals.ts';
import { StreamRuns } from './stream-runs.ts';

const cam = streamName('cam01');
const [s01, s02] = [serverName('s01'), serverName('s02')];
const day = { start: at(0), end: at(86_400) };
const held = (run: ArchivedRun, ...holders: string[]): HeldRun => ({
  ...run,
  holders: holders.map(serverName),
  replicating: false,
});

describe('the catalogue', () => {
  test('knows what was put, grown and removed', () => {
    const catalogue = new Catalogue();
    const name = runOf('s01', 100, 100);
    catalogue.put(cam, openRun(name, at(100)));
    catalogue.put(cam, runOf('s01', 0, 50));
    catalogue.grow(cam, name, { end: at(102), bytes: 4000 });
    catalogue.grow(cam, runOf('s02', 100, 101), { end: at(102), bytes: 4000 });
    expect(catalogue.of(cam).all).toEqual([
      runOf('s01', 0, 50),
      { ...openRun(name, at(100)), end: at(102), bytes: 4000 },
    ]);
    expect([catalogue.of(cam).bytes, [...catalogue.streams]]).toEqual([54_000, [cam]]);
    catalogue.remove(cam, runOf('s01', 0, 50));
    expect(catalogue.overlapping(cam, day)).toHaveLength(1);
    catalogue.remove(cam, name);
    catalogue.remove(cam, name);
    expect([...catalogue.streams]).toEqual([]);
    expect(catalogue.of(cam).all).toEqual([]);
    expect(catalogue.overlapping(cam, day)).toEqual([]);
  });

  test('finds the runs of a span like a look at all of them, in whatever order they came', () => {
    const second = fc.integer({ min: 0, max: 300 });
    const some = fc.array(fc.tuple(second, fc.integer({ min: 1, max: 90 }), fc.constantFrom('s01', 's02')), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(some, second, second, (spans, from, length) => {
        const runs = new StreamRuns();
        const all = spans.map(([start, lasts, server], i) => runOf(server, start, start + lasts, i));
        for (const run of all) runs.put(run);
        const span = { start: at(from), end: at(from + length) };
        const wanted = all.filter((run) => run.end > span.start && run.start < span.end);
        expect(new Set(runs.overlapping(span))).toEqual(new Set(wanted));
        for (const run of all) expect(runs.get(run)).toBe(run);
        expect(runs.bytes).toBe(all.reduce((sum, { bytes }) => sum + bytes, 0));
        expect(runs.all.map(({ startMs }) => startMs)).toEqual(all.map(({ startMs }) => startMs).sort((a, b) => a - b));
      }),
    );
  });

  test('is fed by the end of an index, or by all of it', () => {
    const recorded = recordedRun({ fragments: 10 });
    const index = indexOf(recorded.index);
    const run = indexedRun(recorded.run, index);
    expect(run).toMatchObject({ bytes: recorded.media.length, open: false, spans: undefined });
    if (index.closing === undefined) throw new Error('it is closed');
    expect(closedRun(recorded.run, index.closing)).toEqual(run);
    const unclosed = indexOf(recorded.index.subarray(0, -recordBytes));
    expect(indexedRun(recorded.run, unclosed)).toEqual({ ...run, open: true });
  });
});

describe('runs of several servers', () => {
  test('are listed once, with all who have them', () => {
    const [home, copied] = [runOf('s01', 0, 10), runOf('s02', 10, 20)];
    const growing = { ...runOf('s02', 20, 25), open: true };
    const listed = heldRuns([
      { holder: s02, runs: [copied, growing], replicating: (run) => run === copied },
      { holder: s01, runs: [home, copied, { ...growing, end: at(22), bytes: 2000 }] },
    ]);
    expect(listed.map(({ holders, replicating, end }) => [holders, replicating, end])).toEqual([
      [[s01], false, at(10)],
      [[s01, s02], true, at(20)],
      [[s01, s02], false, at(25)],
    ]);
  });
});

describe('intervals', () => {
  test('are whole over runs that follow each other, and end where something is missing', () => {
    const runs = [runOf('s01', 0, 3600), runOf('s01', 3600, 7200, 2), runOf('s01', 7201, 7300, 3)];
    expect(
      intervals(
        runs.map((run) => held(run, 's01')),
        day,
      ),
    ).toEqual([
      { start: at(0), end: at(7200), bytes: 7_200_000, holders: [s01], replicating: false },
      { start: at(7201), end: at(7300), bytes: 99_000, holders: [s01], replicating: false },
    ]);
  });

  test('pass over what is shorter than a seam, in either direction', () => {
    const later = (seam - 1) / 90_000;
    const runs = [held(runOf('s01', 0, 100), 's01'), held(runOf('s01', 100 + later, 200, 2), 's01')];
    expect(intervals(runs, day)).toMatchObject([{ start: at(0), end: at(200) }]);
    const overlapping = [held(runOf('s01', 0, 100), 's01'), held(runOf('s02', 100 - later, 200), 's02')];
    expect(intervals(overlapping, day)).toMatchObject([
      { start: at(0), end: at(100), holders: [s01] },
      { start: at(100), end: at(200), holders: [s02] },
    ]);
  });

  test('change where the servers do, and count what lies in them', () => {
    const runs = [
      held(runOf('s01', 0, 100), 's01'),
      { ...held(runOf('s02', 50, 70), 's02', 's01'), replicating: true },
    ];
    const common = { holders: [s01], replicating: false };
    expect(intervals(runs, { start: at(10), end: at(90) })).toEqual([
      { start: at(10), end: at(50), bytes: 40_000, ...common },
      { start: at(50), end: at(70), bytes: 40_000, holders: [s01, s02], replicating: true },
      { start: at(70), end: at(90), bytes: 20_000, ...common },
    ]);
  });

  test('leave out the holes of a run', () => {
    const spans = [
      { start: at(0), end: at(10) },
      { start: at(20), end: at(30) },
    ];
    const run = held({ ...runOf('s01', 0, 30), spans }, 's01');
    expect(intervals([run], day)).toMatchObject([
      { start: at(0), end: at(10), bytes: 15_000 },
      { start: at(20), end: at(30), bytes: 15_000 },
    ]);
  });

  test('cover what the runs cover, whatever lies over what', () => {
    const second = fc.integer({ min: 0, max: 60 });
    const run = fc.tuple(second, fc.integer({ min: 1, max: 30 }), fc.constantFrom('s01', 's02', 's03'));
    fc.assert(
      fc.property(fc.array(run, { maxLength: 10 }), (list) => {
        const runs = list.map(([from, lasts, server], i) => held(runOf(server, from, from + lasts, i), server));
        const found = intervals(runs, day);
        for (let s = 0; s < 100; s++) {
          const middle = at(s + 0.5);
          const over = runs.filter(({ start, end }) => start <= middle && end > middle);
          const within = found.filter(({ start, end }) => start <= middle && end > middle);
          expect(within).toHaveLength(over.length === 0 ? 0 : 1);
          expect(new Set(within[0]?.holders ?? [])).toEqual(new Set(over.flatMap(({ holders }) => holders)));
        }
        const bytes = found.reduce((sum, interval) => sum + interval.bytes, 0);
        expect(bytes).toBeCloseTo(
          runs.reduce((sum, { bytes: all }) => sum + all, 0),
          -1,
        );
      }),
    );
  });
});

describe('the index cache', () => {
  const recorded = recordedRun({ fragments: 4 });
  const run = indexedRun(recorded.run, indexOf(recorded.index));

  test('reads an index once for all who ask, and again when its run has grown', async () => {
    let index = recorded.index.subarray(0, -3 * recordBytes);
    let loads = 0;
    const cache = new IndexCache({
      load: async () => {
        loads += 1;
        return index;
      },
    });
    const shorter = { ...run, bytes: indexOf(index).mediaBytes };
    const [first, second] = await Promise.all([cache.get(cam, shorter), cache.get(cam, shorter)]);
    expect([first?.count, second === first, loads]).toEqual([2, true, 1]);
    expect(await cache.get(cam, shorter)).toBe(first);
    index = recorded.index;
    expect((await cache.get(cam, run))?.count).toBe(4);
    expect((await cache.get(cam, run))?.count).toBe(4);
    expect(loads).toBe(2);
    cache.forget(cam, run);
    expect(cache.bytes).toBe(0);
  });

  test('holds no more than it may, and forgets what was not asked for longest', async () => {
    const loaded: number[] = [];
    const cache = new IndexCache(
      {
        load: async (_, { ordinal }) => {
          loaded.push(ordinal);
          return recorded.index;
        },
      },
      2 * recorded.index.length,
    );
    for (const ordinal of [1, 2, 1, 3, 1, 2]) {
      await cache.get(cam, { ...run, ordinal });
      expect(cache.bytes).toBeLessThanOrEqual(2 * recorded.index.length);
    }
    expect(loaded).toEqual([1, 2, 3, 2]);
  });

  test('has nothing of what is no index, and asks anew after a failure', async () => {
    let failing = true;
    const cache = new IndexCache({
      load: async () => {
        if (failing) throw new Error('gone');
        return new Uint8Array(5);
      },
    });
    await expect(cache.get(cam, run)).rejects.toThrow('gone');
    failing = false;
    expect(await cache.get(cam, run)).toBeUndefined();
  });
});
