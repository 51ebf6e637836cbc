import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SegmentGrid } from './segment-grid.ts';
import { type FragmentSpan, type Segment, Segmenter } from './segmenter.ts';

const grid = new SegmentGrid(2_000);
const second = 90_000;
/** A round number of segments since 1970. */
const base = 900_000_000;

/** One fragment a keyframe; times in seconds behind `base`. */
function fragmentsAt(keyframes: readonly number[]): FragmentSpan[] {
  return keyframes.map((at, i) => ({
    startsSegment: true,
    start: Math.round((base * 2 + at) * second),
    end: Math.round((base * 2 + (keyframes[i + 1] ?? at + 1)) * second),
  }));
}

function feed(segmenter: Segmenter<FragmentSpan>, fragments: readonly FragmentSpan[]): Segment<FragmentSpan>[] {
  return fragments.flatMap((fragment) => {
    const { start, startsSegment } = fragment;
    const ended = segmenter.endBefore(start, startsSegment);
    if (segmenter.accepts(start, startsSegment)) segmenter.push(fragment);
    return ended ?? [];
  });
}

/** `number:start-end` relative to `base`. */
function shown(segments: readonly Segment<FragmentSpan>[]): string[] {
  const seconds = (value: number): string => String(Number((value / second - base * 2).toFixed(3)));
  return segments.map(({ number, start, end }) => `${number - base}:${seconds(start)}-${seconds(end)}`);
}

describe('borders', () => {
  const table: { readonly name: string; readonly keyframes: readonly number[]; readonly cut: readonly string[] }[] = [
    { name: 'GOP 2 s', keyframes: [0.3, 2.3, 4.3, 6.3], cut: ['0:0.3-2.3', '1:2.3-4.3', '2:4.3-6.3'] },
    { name: 'GOP 1 s', keyframes: [0.3, 1.3, 2.3, 3.3, 4.3], cut: ['0:0.3-2.3', '1:2.3-4.3'] },
    {
      name: 'keyframes that jitter around the border',
      keyframes: [0.02, 1.98, 4.03, 5.97, 8.01],
      cut: ['0:0.02-1.98', '1:1.98-4.03', '2:4.03-5.97', '3:5.97-8.01'],
    },
    {
      name: 'keyframes that jitter around the edge of the tolerance',
      keyframes: [1.499, 3.501, 5.499, 7.501, 9.499],
      cut: ['0:1.499-3.501', '1:3.501-5.499', '2:5.499-7.501', '3:7.501-9.499'],
    },
    { name: 'GOP 3.3 s', keyframes: [0, 3.3, 6.6, 9.9], cut: ['0:0-3.3', '1:3.3-6.6', '2:6.6-9.9'] },
    { name: 'GOP 10 s', keyframes: [0, 10, 20, 30], cut: ['0:0-10', '1:10-20', '2:20-30'] },
    { name: 'a start late in its slot', keyframes: [1.6, 3.6, 5.6], cut: ['1:1.6-3.6', '2:3.6-5.6'] },
    {
      name: 'scene cuts between regular keyframes',
      keyframes: [0, 0.4, 0.9, 2, 2.2, 4, 5.1, 6],
      cut: ['0:0-2', '1:2-4', '2:4-6'],
    },
  ];
  test.each(table)('$name', ({ keyframes, cut }) => {
    expect(shown(feed(new Segmenter(grid), fragmentsAt(keyframes)))).toEqual(cut);
  });

  test('after long GOPs, short ones make segments of the usual length again', () => {
    const long = [0, 10, 20, 30, 40];
    const short = Array.from({ length: 20 }, (_, i) => 40.5 + i / 2);
    const segments = feed(new Segmenter(grid), fragmentsAt([...long, ...short]));
    const lengths = segments.slice(-3).map(({ start, end }) => (end - start) / second);
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(1.5);
  });

  test('a GOP without end is cut at 30 s, where any fragment will do', () => {
    const inside = Array.from({ length: 200 }, (_, i) => ({
      startsSegment: i === 0,
      start: (base * 2 + i / 2) * second,
      end: (base * 2 + (i + 1) / 2) * second,
    }));
    expect(shown(feed(new Segmenter(grid), inside))).toEqual(['0:0-30', '1:30-60', '2:60-90']);
  });
});

describe('numbers', () => {
  test.each([
    { hole: 'go on behind a hole, so that the list does', from: 11, cut: ['3:11-13', '4:13-15'] },
    { hole: 'go on behind one that is nearly as long as a list', from: 20.9, cut: ['3:20.9-22.9', '4:22.9-24.9'] },
    { hole: 'are left out behind one as long as a list', from: 21, cut: ['10:21-22', '11:22-24'] },
  ])('$hole', ({ from, cut }) => {
    const segmenter = new Segmenter(grid);
    const before = feed(segmenter, fragmentsAt([0, 2, 4]));
    const open = segmenter.cut();
    const behind = feed(segmenter, fragmentsAt([from, from + 1, from + 2, from + 3, from + 4]));
    expect(shown([...before, ...(open ? [open] : [])])).toEqual(['0:0-2', '1:2-4', '2:4-5']);
    expect(shown(behind)).toEqual(cut);
  });

  test('behind many holes, keyframes that jitter around the edge of the tolerance make segments of the usual length', () => {
    const segmenter = new Segmenter(grid);
    segmenter.goOnBehind(base, (base * 2 + 20) * second);
    const segments = feed(segmenter, fragmentsAt([21.501, 23.499, 25.501, 27.499, 29.501, 31.499]));
    expect(shown(segments)).toEqual([
      '1:21.501-23.499',
      '2:23.499-25.501',
      '3:25.501-27.499',
      '4:27.499-29.501',
      '5:29.501-31.499',
    ]);
  });

  test('behind many holes, short groups of pictures bring them back to time', () => {
    const segmenter = new Segmenter(grid);
    segmenter.goOnBehind(base, (base * 2 + 20) * second);
    const segments = feed(segmenter, fragmentsAt(Array.from({ length: 200 }, (_, i) => 22 + i / 2)));
    const last = segments.at(-1);
    expect(last?.number).toBe(grid.numberAt(last?.start ?? 0));
    for (const { start, end } of segments) expect(end - start).toBeGreaterThanOrEqual(0.5 * second);
  });

  test('changed parameters end a segment early, and the next is of the usual length', () => {
    const segmenter = new Segmenter(grid);
    feed(segmenter, fragmentsAt([0, 0.5]));
    const early = segmenter.cut();
    expect(shown(early ? [early] : [])).toEqual(['0:0-1.5']);
    expect(shown(feed(segmenter, fragmentsAt([1, 2, 3, 4, 5])))).toEqual(['1:1-3', '2:3-5']);
  });

  test('parameters that change all the time do not bring them ahead of time', () => {
    const segmenter = new Segmenter(grid);
    const leads: number[] = [];
    for (let i = 0; i < 40; i++) {
      feed(segmenter, fragmentsAt([i / 4]));
      if (segmenter.open) leads.push(segmenter.open.number - grid.numberAt(segmenter.open.start));
      segmenter.cut();
    }
    expect(leads.length).toBeGreaterThan(5);
    expect(Math.max(...leads)).toBe(1);
  });

  test('that a short hole has brought ahead of time stay one ahead at most, and time has reached what is published', () => {
    const gops = fc.integer({ min: 1, max: 100 });
    fc.assert(
      fc.property(gops, fc.integer({ min: 0, max: 49 }), (gop, phase) => {
        const segmenter = new Segmenter(grid);
        const at = base * 2 + phase / 25;
        segmenter.goOnBehind(base, at * second);
        const keyframes = Array.from({ length: 100 }, (_, i) => phase / 25 + (i * gop) / 25);
        const segments = feed(segmenter, fragmentsAt(keyframes));
        segments.forEach(({ number, start, end }, i) => {
          expect(number).toBe(base + 1 + i);
          expect(number).toBeLessThanOrEqual(grid.numberAt(start) + 1);
          expect(number).toBeLessThanOrEqual(grid.numberAt(end));
          expect(end - start).toBeLessThan((2 + gop / 25) * second);
        });
      }),
    );
  });

  test('a lost segment leaves its number out', () => {
    const segmenter = new Segmenter(grid);
    feed(segmenter, fragmentsAt([0, 2]));
    segmenter.drop();
    expect(shown(feed(segmenter, fragmentsAt([4, 6])))).toEqual(['2:4-6']);
  });

  test('another segment_duration goes on behind the numbers that were published', () => {
    const slower = new Segmenter(new SegmentGrid(4_000));
    slower.startBehind(base + 10);
    const segments = feed(slower, fragmentsAt([22, 24, 26, 28, 30, 32, 34]));
    expect(segments.map(({ number }) => number - base)).toEqual([11, 12, 13]);
    expect(segments.map(({ start, end }) => (end - start) / second)).toEqual([4, 4, 4]);
  });

  test('a number that viewers know and time would not reach soon is leapt over, by the next segment', () => {
    const slower = new Segmenter(new SegmentGrid(4_000));
    const now = base * 2 * second;
    const first = feed(slower, fragmentsAt([0, 2]));
    slower.leapBehind(base + 10, now);
    slower.leapBehind(base + 8, now);
    const then = feed(slower, fragmentsAt([4, 6, 8, 10, 12, 14]));
    expect([...first, ...then].map(({ number }) => number)).toEqual([base / 2, base + 11, base + 12]);
  });

  test('a number that viewers know from a server that counted on by time is leapt over, unless it comes soon', () => {
    const segmenter = new Segmenter(grid);
    segmenter.goOnBehind(base - 21, (base * 2 - 2) * second);
    const first = feed(segmenter, fragmentsAt([0, 2]));
    segmenter.leapBehind(base - 17, (base * 2 + 3) * second);
    const near = feed(segmenter, fragmentsAt([4]));
    segmenter.leapBehind(base - 15, (base * 2 + 5) * second);
    const then = feed(segmenter, fragmentsAt([6, 8]));
    expect([...first, ...near, ...then].map(({ number }) => number - base)).toEqual([-20, -19, -18, 3]);
  });

  test('no number is leapt over by who hears the source late and has published the same pictures under it', () => {
    const segmenter = new Segmenter(grid);
    const first = feed(segmenter, fragmentsAt([0, 2]));
    segmenter.leapBehind(base + 5, (base * 2 + 12) * second);
    const then = feed(segmenter, fragmentsAt([4, 6]));
    expect([...first, ...then].map(({ number }) => number - base)).toEqual([0, 1, 2]);
  });

  test.each([
    ['that time reaches soon', 29],
    ['that no segment_duration gives', base * 4],
  ])('a number %s is not leapt over', (_case, ahead) => {
    const segmenter = new Segmenter(grid);
    segmenter.leapBehind(base + ahead, base * 2 * second);
    expect(shown(feed(segmenter, fragmentsAt([0, 2])))).toEqual(['0:0-2']);
  });

  const keyframeSteps = fc.array(fc.integer({ min: 10, max: 12_000 }), { minLength: 2, maxLength: 60 });

  test('only grow, by one where nothing is missing, and never run ahead of time', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), keyframeSteps, (first, steps) => {
        let at = first / 1_000;
        const keyframes = steps.map((step) => (at += step / 1_000));
        const segments = feed(new Segmenter(grid), fragmentsAt(keyframes));
        segments.forEach(({ number, start, end }, i) => {
          const before = segments[i - 1];
          if (before !== undefined) expect(number).toBe(before.number + 1);
          if (before !== undefined) expect(start).toBe(before.end);
          expect(number).toBeLessThanOrEqual(grid.numberAt(start));
          // So a capture that begins later has a higher number.
          expect(grid.numberAt(end)).toBeGreaterThan(number);
        });
      }),
    );
  });

  test('a successor that adopts anywhere cuts as the predecessor does', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), keyframeSteps, fc.nat(), (first, steps, where) => {
        let at = first / 1_000;
        const fragments = fragmentsAt(steps.map((step) => (at += step / 1_000)));
        const segments = feed(new Segmenter(grid), fragments);
        const from = segments[where % Math.max(1, segments.length)];
        if (from === undefined) return;
        const successor = new Segmenter<FragmentSpan>(grid);
        successor.goOnBehind(from.number - 1, from.start);
        const again = feed(
          successor,
          fragments.filter(({ start }) => start >= from.start),
        );
        expect(shown(again)).toEqual(shown(segments.slice(segments.indexOf(from))));
      }),
    );
  });
});
