import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ticks } from '../units/ticks.ts';
import { instant } from '../units/time.ts';
import type { TimedFrame } from './timed-frame.ts';
import { Timeline } from './timeline.ts';

const noBytes = { sample: new Uint8Array(0), memory: { hold: () => undefined, release: () => undefined } };

/** UTC of the group at monotonic 0. */
const offset = 1_800_000_000_000_000;
const timescales = [90_000, 48_000];

interface Sent {
  readonly track: number;
  /** Seconds of the source. */
  readonly source: number;
  /** Seconds of the monotonic clock. */
  readonly at: number;
}

interface Seen {
  readonly frames: TimedFrame[];
  steps: number;
}

function timeline(): { readonly line: Timeline; readonly seen: Seen } {
  const seen: Seen = { frames: [], steps: 0 };
  const line = new Timeline({
    timescales,
    video: 0,
    offset,
    deliver: (frame) => seen.frames.push(frame),
    stepped: () => {
      seen.steps += 1;
    },
    badTimestamp: () => undefined,
  });
  return { line, seen };
}

function send(line: Timeline, frames: readonly Sent[]): void {
  for (const { track, source, at } of frames) {
    const dts = ticks(source * (timescales[track] ?? 1));
    line.frame({ track, dts, pts: dts, keyframe: true, ...noBytes }, instant(at * 1_000));
  }
}

/** Video of 25 and audio of 46.875 frames a second, in the order of their times; `late`: how much audio is behind in the multiplex. */
function both(seconds: number, late = 0): Sent[] {
  const video = Array.from({ length: seconds * 25 }, (_, i) => ({ track: 0, source: i / 25, at: i / 25 }));
  const audio = Array.from({ length: Math.floor(seconds * 46.875) }, (_, i) => ({
    track: 1,
    source: i / 46.875,
    at: i / 46.875 + late,
  }));
  return [...video, ...audio].sort((a, b) => a.at - b.at);
}

const utc = ({ track, dts }: TimedFrame): number => dts / (timescales[track] ?? 1) - offset / 1e6;

describe('Timeline', () => {
  test('places frames at the UTC of their arrival and delivers all of them', () => {
    const { line, seen } = timeline();
    send(line, both(4));
    line.flush();
    expect(seen.frames).toHaveLength(100 + 187);
    const [first] = seen.frames;
    expect(first && utc(first)).toBeCloseTo(0, 4);
  });

  test.each([0, 0.3, 0.7])('orders the tracks by time when audio comes %d s behind', (late) => {
    const { line, seen } = timeline();
    send(line, both(6, late));
    line.flush();
    const times = seen.frames.map(utc);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  test('gives each frame the time to the next as its duration', () => {
    const { line, seen } = timeline();
    send(line, both(3));
    for (const [track, duration] of [3_600, 1_024].entries()) {
      const frames = seen.frames.filter((frame) => frame.track === track);
      expect(new Set(frames.map((frame) => frame.duration))).toEqual(new Set([duration]));
      frames.slice(1).forEach((frame, i) => {
        expect(frame.dts).toBe((frames[i]?.dts ?? 0) + duration);
      });
    }
  });

  test('does not wait for a track that has gone silent', () => {
    const { line, seen } = timeline();
    send(
      line,
      both(10).filter(({ track, at }) => track === 0 || at < 3),
    );
    expect(10 - Math.max(...seen.frames.map(utc))).toBeLessThan(0.1);
  });

  test('a track that never speaks costs a second at most', () => {
    const { line, seen } = timeline();
    send(
      line,
      both(3).filter(({ track }) => track === 0),
    );
    expect(3 - Math.max(...seen.frames.map(utc))).toBeLessThan(1.1);
  });

  test('a burst of the past lies in the past', () => {
    const { line, seen } = timeline();
    const burst = Array.from({ length: 100 }, (_, i) => ({ track: 0, source: i / 25, at: 0.1 }));
    const live = Array.from({ length: 100 }, (_, i) => ({ track: 0, source: 4 + i / 25, at: 0.1 + i / 25 }));
    send(line, [...burst, ...live]);
    line.flush();
    const [first] = seen.frames;
    expect(first && utc(first)).toBeCloseTo(-3.9, 2);
  });

  test('a source that runs far too fast is stepped, and comes back to the time', () => {
    const { line, seen } = timeline();
    const fast = Array.from({ length: 25 * 60 }, (_, i) => ({ track: 0, source: (i / 25) * 1.1, at: i / 25 }));
    send(line, fast);
    line.flush();
    expect(seen.steps).toBeGreaterThan(0);
    const ahead = seen.frames.slice(-1).map((frame) => utc(frame) - 60);
    expect(Math.max(...ahead)).toBeLessThan(1.1);
  });

  test.each([0.95, 0.97, 0.99, 0.998, 0.9994, 1.0006, 1.002, 1.01, 1.03, 1.05])(
    'a source whose clock runs %d times as fast stays at the time without a step',
    (rate) => {
      const { line, seen } = timeline();
      const seconds = 1_500;
      for (let from = 0; from < seconds; from += 2) {
        const frames = both(2).map(({ track, source, at }) => ({
          track,
          source: (from + source) * rate,
          at: from + at,
        }));
        send(line, frames);
        line.slew();
      }
      line.flush();
      expect(seen.steps).toBe(0);
      const video = seen.frames.filter(({ track }) => track === 0);
      const late = (frame: TimedFrame | undefined, at: number): number => at - (frame === undefined ? 0 : utc(frame));
      const errors = video.map((frame, i) => late(frame, i / 25));
      expect(Math.min(...errors)).toBeGreaterThan(-1);
      expect(Math.max(...errors)).toBeLessThan(64 * 0.05 + 0.5);
      expect(Math.max(...errors.slice(-2_500).map(Math.abs))).toBeLessThan(0.25);
      const durations = video.map(({ duration }) => duration);
      expect(Math.max(...durations)).toBeLessThan(3_600 * 1.07);
      expect(Math.min(...durations)).toBeGreaterThan(3_600 * 0.93);
    },
  );

  test.each([
    { what: 'jitter', late: (at: number) => ((at * 7_919) % 1) * 0.3 },
    { what: 'a network that is slower for a while', late: (at: number) => (at > 100 && at < 400 ? 0.4 : 0) },
    { what: 'a queue that grows and goes', late: (at: number) => (at > 100 && at < 130 ? (at - 100) * 0.03 : 0) },
    { what: 'a quartz', late: (at: number) => at * 5e-5 },
  ])('no rate is made out of $what', ({ late }) => {
    const { line, seen } = timeline();
    let arrived = 0;
    for (let from = 0; from < 600; from += 2) {
      for (const { track, source, at } of both(2)) {
        // One connection: what comes late holds up the rest.
        arrived = Math.max(arrived, from + at + late(from + at));
        send(line, [{ track, source: from + source, at: arrived }]);
      }
    }
    line.flush();
    const video = seen.frames.filter(({ track }) => track === 0);
    expect(new Set(video.map(({ duration }) => duration))).toEqual(new Set([3_600]));
  });

  test('follows the clock of the group by a millisecond a segment', () => {
    const { line, seen } = timeline();
    send(
      line,
      both(2).filter(({ track }) => track === 0),
    );
    line.followClock(offset + 1_000_000);
    const frames = both(102).filter(({ track, at }) => track === 0 && at >= 2);
    for (let i = 0; i < frames.length; i += 50) {
      send(line, frames.slice(i, i + 50));
      line.slew();
    }
    line.flush();
    const steps = seen.frames.slice(1).map((frame, i) => frame.dts - (seen.frames[i]?.dts ?? 0));
    expect(Math.max(...steps)).toBeLessThanOrEqual(3_600 + 90);
    expect(Math.min(...steps)).toBeGreaterThanOrEqual(3_600);
    // 50 segments, less the dead zone.
    expect(seen.frames.at(-1)?.dts).toBeGreaterThan((seen.frames[0]?.dts ?? 0) + 102 * 90_000 - 3_600 + 35 * 90);
  });

  test('pictures squeezed together stay in order over a slew backwards', () => {
    const { line, seen } = timeline();
    send(
      line,
      both(2).filter(({ track }) => track === 0),
    );
    line.followClock(offset - 1_000_000);
    for (let i = 0; i < 100; i++) {
      send(line, [{ track: 0, source: 2 + i / 1e5, at: 2 + i / 1e5 }]);
      line.slew();
    }
    line.flush();
    const steps = seen.frames.slice(1).map((frame, i) => frame.dts - (seen.frames[i]?.dts ?? 0));
    expect(Math.min(...steps)).toBe(1);
  });

  test('decode times of a track strictly increase between steps, whatever the source says', () => {
    const sent = fc.record({
      track: fc.constantFrom(0, 1),
      source: fc.oneof(fc.double({ min: -1e4, max: 1e5, noNaN: true }), fc.double({ min: 0, max: 3, noNaN: true })),
      at: fc.double({ min: 0, max: 0.5, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(sent, { maxLength: 150 }), (steps) => {
        const last = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
        const line = new Timeline({
          timescales,
          video: 0,
          offset,
          deliver: ({ track, dts, pts, duration }) => {
            expect(dts).toBeGreaterThan(last[track] ?? 0);
            expect(pts).toBeGreaterThanOrEqual(dts);
            expect(duration).toBeGreaterThan(0);
            last[track] = dts;
          },
          stepped: () => last.fill(Number.NEGATIVE_INFINITY),
          badTimestamp: () => undefined,
        });
        let at = 0;
        steps.forEach((step, i) => {
          at += step.at;
          send(line, [{ ...step, at }]);
          if (i % 20 === 0) line.slew();
        });
        line.flush();
      }),
    );
  });
});
