import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { at, dayStart, runOf } from '../../../test/support/archived-runs.ts';
import { hashOfStart, type RecordedRunOptions, recordedRun } from '../../../test/support/recorded-run.ts';
import { indexBytes, indexOf } from '../../../test/support/run-index.ts';
import { type ArchivedRun, indexedRun } from '../catalogue/archived-run.ts';
import { recordBytes } from '../index/record.ts';
import type { RunIndex } from '../index/run-index.ts';
import { type Span, seam } from '../span/span.ts';
import { chooseRuns } from './choose-runs.ts';
import type { Gap, Piece } from './cut-pieces.ts';
import { findPieces } from './find-pieces.ts';
import { segmentsOf } from './segments.ts';

const half = 45_000;
const span = (from: number, to: number): Span => ({ start: at(from), end: at(to) });

describe('the choice of runs', () => {
  const names = (runs: ArchivedRun[], of: Span): unknown[] =>
    chooseRuns(runs, of).map(({ run, from, until }) => [
      run.server,
      (from - dayStart) / 90_000,
      (until - dayStart) / 90_000,
    ]);

  test.each<[string, ArchivedRun[], Span, unknown[]]>([
    ['nothing', [], span(0, 10), []],
    ['one of it', [runOf('s01', 0, 100)], span(10, 20), [['s01', 10, 20]]],
    [
      'one behind the other',
      [runOf('s01', 0, 10), runOf('s01', 10, 20)],
      span(5, 50),
      [
        ['s01', 5, 10],
        ['s01', 10, 20],
      ],
    ],
    [
      'a gap',
      [runOf('s01', 0, 10), runOf('s02', 20, 30)],
      span(0, 40),
      [
        ['s01', 0, 10],
        ['s02', 20, 30],
      ],
    ],
    ['none inside another', [runOf('s01', 0, 100), runOf('s02', 40, 60)], span(0, 100), [['s01', 0, 100]]],
    [
      'the end of what plays before the next',
      [runOf('s01', 0, 60), runOf('s02', 40, 100)],
      span(0, 100),
      [
        ['s01', 0, 60],
        ['s02', 60, 100],
      ],
    ],
    [
      'the farthest of those that go on',
      [runOf('s01', 0, 60), runOf('s02', 40, 80), runOf('s03', 50, 100)],
      span(0, 90),
      [
        ['s01', 0, 60],
        ['s03', 60, 90],
      ],
    ],
    ['equals by their names', [runOf('s02', 0, 10), runOf('s01', 0, 10)], span(0, 10), [['s01', 0, 10]]],
    ['not what ends where it begins', [runOf('s01', 0, 10)], span(10, 20), []],
  ])('%s', (_, runs, of, legs) => {
    expect(names(runs, of)).toEqual(legs);
  });
});

interface Recorded {
  readonly run: ArchivedRun;
  readonly index: RunIndex;
  /** By which its server hears the camera later than another, 90 kHz. */
  readonly late: number;
}

/** What a camera's run has from one of its half-seconds on; every fourth begins with a keyframe, and so do runs. */
function record(
  server: string,
  from: number,
  fragments: number,
  more: Partial<RecordedRunOptions> & { late?: number } = {},
): Recorded {
  const { late = 0, ...rest } = more;
  const hashOf = (start: number): string => hashOfStart(start - late);
  const made = recordedRun({ start: dayStart + from * half + late, fragments, server, ordinal: from, hashOf, ...rest });
  const index = indexOf(made.index);
  return { run: indexedRun(made.run, index), index, late };
}

function play(recorded: readonly Recorded[], of: Span): Promise<(Piece<ArchivedRun> | Gap)[]> {
  const indexes = new Map(recorded.map(({ run, index }) => [run, index]));
  return findPieces([...indexes.keys()], of, async (run) => indexes.get(run));
}

/** The camera's half-seconds that are played, in order. */
function played(parts: readonly (Piece<ArchivedRun> | Gap)[], recorded: readonly Recorded[]): number[] {
  return parts.flatMap((part) => {
    if (part.kind === 'gap') return [];
    const late = recorded.find(({ run }) => run === part.run)?.late ?? 0;
    const { first, last } = part;
    return Array.from({ length: last - first + 1 }, (_, i) =>
      Math.round((part.index.startOf(first + i) - late - dayStart) / half),
    );
  });
}

const someRun = fc.record({
  server: fc.constantFrom('s01', 's02', 's03'),
  from: fc.integer({ min: 0, max: 12 }).map((segment) => segment * 4),
  fragments: fc.integer({ min: 1, max: 30 }),
});
const lateness = { s01: 0, s02: 9000, s03: -7000 };

describe('pieces', () => {
  test('of one camera play every picture that anybody has, once and in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(someRun, { maxLength: 6, selector: ({ server, from }) => `${server} ${from}` }),
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 1, max: 60 }),
        async (list, from, length) => {
          const recorded = list.map(({ server, from: begin, fragments }) =>
            record(server, begin, fragments, { late: lateness[server], kinds: ['video'] }),
          );
          const of = span(from / 2, (from + length) / 2);
          const parts = await play(recorded, of);
          const all = new Set(
            list.flatMap(({ from: begin, fragments }) => Array.from({ length: fragments }, (_, i) => begin + i)),
          );
          const found = played(parts, recorded);
          const [first = Number.POSITIVE_INFINITY, last = 0] = [found[0], found.at(-1)];
          expect(first).toBeGreaterThanOrEqual(from - 4);
          expect(last).toBeLessThanOrEqual(from + length);
          expect(found).toEqual([...all].filter((i) => i >= first && i <= last).sort((a, b) => a - b));
          // At the ends, servers differ about what is in the span.
          for (const i of all) if (i > from && i < from + length - 1) expect(found).toContain(i);
        },
      ),
    );
  });

  test('of recordings with nothing in common play everything, and less than a fragment twice', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(someRun, { maxLength: 5, selector: ({ server, from }) => `${server} ${from}` }),
        async (list) => {
          const recorded = list.map(({ server, from, fragments }) =>
            record(server, from, fragments, { hashOf: () => '', late: lateness[server], kinds: ['video'] }),
          );
          const of = span(-10, 100);
          const parts = await play(recorded, of);
          for (let time = of.start + 1; time < of.end; time += 5000) {
            const has = recorded.some(({ run }) => run.start + seam < time && time < run.end - seam);
            const pieces = parts.filter(
              (part) => part.kind === 'piece' && part.start - seam <= time && time < part.end + seam,
            );
            if (has) expect(pieces.length).toBeGreaterThan(0);
          }
          parts.forEach((part, i) => {
            const next = parts[i + 1];
            if (next === undefined) return;
            expect(next.start - part.end).toBeLessThanOrEqual(seam);
            expect(part.end - next.start).toBeLessThan(half);
          });
        },
      ),
    );
  });

  test('of a camera that sends the same picture again and again change by the time', async () => {
    const still = { hashOf: () => 'abababababababab' };
    const recorded = [record('s01', 0, 15, still), record('s01', 15, 9, still), record('s02', 20, 20, still)];
    const parts = await play(recorded, span(0, 20));
    expect(parts.map(({ kind }) => kind)).toEqual(['piece', 'piece', 'piece']);
    expect(played(parts, recorded)).toEqual(Array.from({ length: 40 }, (_, i) => i));
  });

  test('change where the next one has a keyframe, however far back that is', async () => {
    const rare = { segmentFragments: 60, hashOf: () => '' };
    const recorded = [record('s01', 0, 40, rare), record('s02', 30, 20, rare), record('s03', 20, 110, rare)];
    const parts = await play(recorded, span(0, 65));
    expect(parts.map(({ kind, start, end }) => [kind, (start - dayStart) / half, (end - dayStart) / half])).toEqual([
      ['piece', 0, 20],
      ['piece', 20, 130],
    ]);
  });

  test('tell the gaps, at the ends too', async () => {
    const recorded = [record('s01', 4, 8), record('s01', 16, 8)];
    const parts = await play(recorded, span(0, 20));
    expect(parts.map(({ kind, start, end }) => [kind, start - dayStart, end - dayStart])).toEqual([
      ['gap', 0, 4 * half],
      ['piece', 4 * half, 12 * half],
      ['gap', 12 * half, 16 * half],
      ['piece', 16 * half, 24 * half],
      ['gap', 24 * half, 40 * half],
    ]);
  });

  test('begin at the keyframe before the span', async () => {
    const [part] = await play([record('s01', 0, 20)], span(4.6, 5.1));
    expect(part).toMatchObject({ kind: 'piece', first: 8, last: 10, start: at(4), end: at(5.5) });
  });

  test('change at the last picture that both have, where the earlier one was killed within a segment', async () => {
    const recorded = [record('s01', 0, 15), record('s02', 8, 20, { late: 5000 })];
    const parts = await play(recorded, span(0, 14));
    expect(parts).toMatchObject([
      { kind: 'piece', run: { server: 's01' }, first: 0, last: 11 },
      { kind: 'piece', run: { server: 's02' }, first: 4, last: 19 },
    ]);
  });

  test('leave out a run whose index is gone, and play what else there is', async () => {
    const [good, better] = [record('s01', 0, 10), record('s02', 0, 30)];
    const parts = await findPieces([good.run, better.run], span(0, 15), async (run) =>
      run === good.run ? good.index : undefined,
    );
    expect(parts).toMatchObject([{ kind: 'piece', run: { server: 's01' }, last: 9 }, { kind: 'gap' }]);
  });
});

describe('segments of a piece', () => {
  const recorded = recordedRun({ fragments: 11, start: dayStart });
  const piece = (first: number, last: number, index = indexOf(recorded.index)) => ({
    index,
    first,
    last,
    end: index.endOf(last),
  });

  test('are those of live, as far as the piece goes', () => {
    expect(segmentsOf(piece(4, 9))).toEqual([
      { first: 4, last: 7, start: at(2), end: at(4) },
      { first: 8, last: 9, start: at(4), end: at(5) },
    ]);
  });

  test('are not listed before they are whole', () => {
    const growing = indexOf(recorded.index.subarray(0, -recordBytes));
    expect(segmentsOf(piece(0, 10, growing)).map(({ first, last }) => [first, last])).toEqual([
      [0, 3],
      [4, 7],
    ]);
    expect(segmentsOf(piece(0, 9, growing))).toHaveLength(3);
  });

  test('begin at keyframes, not too near each other, where live is forgotten', () => {
    for (const [every, firsts] of [
      [4, [0, 4, 8]],
      [1, [0, 4, 8]],
      [3, [0, 6]],
    ] as const) {
      const live = recordedRun({ fragments: 11, start: dayStart, segmentFragments: every });
      const forgotten = live.records.map((one) => ({ ...one, segment: undefined, beginsSegment: false }));
      const index = indexOf(indexBytes(live.header, forgotten, true));
      expect(segmentsOf(piece(0, 10, index)).map(({ first }) => first)).toEqual(firsts);
    }
  });
});
