import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StartGate } from '../timeline/start-gate.ts';
import type { TimedFrame } from '../timeline/timed-frame.ts';
import { ticks } from '../units/ticks.ts';
import { type Fragment, Fragmenter } from './fragmenter.ts';

const noBytes = { sample: new Uint8Array(0), memory: { hold: () => undefined, release: () => undefined } };

const videoRate = 90_000;
const audioRate = 48_000;

function video(
  at: number,
  options: { readonly keyframe?: boolean; readonly duration?: number; readonly shownAt?: number } = {},
): TimedFrame {
  const { keyframe = false, duration = 0.04, shownAt = at } = options;
  return {
    track: 0,
    dts: ticks(at * videoRate),
    pts: ticks(shownAt * videoRate),
    duration: ticks(duration * videoRate),
    keyframe,
    ...noBytes,
  };
}

function audio(at: number): TimedFrame {
  const dts = ticks(at * audioRate);
  return { track: 1, dts, pts: dts, duration: ticks(1_024), keyframe: true, ...noBytes };
}

/** Frames in order of time: video of 25 a second with a keyframe every `gop` seconds, and audio. */
function both(from: number, seconds: number, gop: number): TimedFrame[] {
  const pictures = Array.from({ length: seconds * 25 }, (_, i) => {
    const at = from + i / 25;
    return video(at, { keyframe: i % Math.round(gop * 25) === 0 });
  });
  const sound = Array.from({ length: Math.floor((seconds * audioRate) / 1_024) }, (_, i) =>
    audio(from + (i * 1_024) / audioRate),
  );
  const time = ({ track, dts }: TimedFrame): number => dts / (track === 0 ? videoRate : audioRate);
  return [...pictures, ...sound].sort((a, b) => time(a) - time(b));
}

function fragmentsOf(frames: readonly TimedFrame[], isBorder: (start: number) => boolean = () => false): Fragment[] {
  const fragments: Fragment[] = [];
  const fragmenter = new Fragmenter({
    timescales: [videoRate, audioRate],
    video: 0,
    isBorder,
    begins: () => undefined,
    deliver: (fragment) => fragments.push(fragment),
  });
  for (const frame of frames) {
    fragmenter.endBefore(frame);
    fragmenter.push(frame);
  }
  fragmenter.flush();
  return fragments;
}

const seconds = (value: number): number => Number((value / videoRate).toFixed(3));

describe('fragments', () => {
  test('last half a second at most and break at keyframes', () => {
    const fragments = fragmentsOf(both(100, 4, 2));
    expect(fragments.map(({ start }) => seconds(start))).toEqual([
      100, 100.48, 100.96, 101.44, 101.92, 102, 102.48, 102.96, 103.44, 103.92,
    ]);
    expect(fragments.filter(({ startsSegment }) => startsSegment).map(({ start }) => seconds(start))).toEqual([
      100, 102,
    ]);
    for (const { start, end } of fragments) expect(end - start).toBeLessThanOrEqual(0.5 * videoRate);
  });

  test('begin with their keyframe, and hold every frame once', () => {
    const frames = both(100, 6, 1);
    const fragments = fragmentsOf(frames);
    const held = fragments.flatMap(({ tracks }) => tracks.flat());
    expect(held).toHaveLength(frames.length);
    expect(new Set(held).size).toBe(frames.length);
    for (const { tracks } of fragments) {
      expect((tracks[0] ?? []).slice(1).some(({ keyframe }) => keyframe)).toBe(false);
    }
  });

  test('of slow pictures hold one each', () => {
    const slow = Array.from({ length: 5 }, (_, i) => video(i, { keyframe: true, duration: 1 }));
    expect(fragmentsOf(slow).map(({ start, end }) => [seconds(start), seconds(end)])).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 4],
      [4, 5],
    ]);
  });

  test('break where the times of a track do not follow each other', () => {
    const frames = [video(0, { keyframe: true }), video(0.04), video(0.2), video(0.24)];
    expect(fragmentsOf(frames).map(({ tracks }) => tracks[0]?.length)).toEqual([2, 2]);
  });

  test('reach from the first to the last picture shown, in whatever order they are decoded', () => {
    const [fragment] = fragmentsOf([
      video(1, { keyframe: true, shownAt: 1.08 }),
      video(1.04, { shownAt: 1.2 }),
      video(1.08, { shownAt: 1.12 }),
      video(1.12, { shownAt: 1.16 }),
    ]);
    expect([seconds(fragment?.start ?? 0), seconds(fragment?.end ?? 0)]).toEqual([1.08, 1.24]);
  });

  test('go on with the sound alone, and at borders, when the pictures stop coming', () => {
    const frames = both(100, 10, 2).filter(({ track, dts }) => track === 1 || dts < 103 * videoRate);
    const fragments = fragmentsOf(frames, (start) => start >= 108 * videoRate && start < 108.02 * videoRate);
    const alone = fragments.filter(({ tracks }) => tracks[0]?.length === 0);
    expect(alone.at(-1)?.startsSegment).toBe(true);
    expect(alone.map(({ start }) => seconds(start))).toContainEqual(expect.closeTo(108.01, 1));
    expect(alone.find(({ start }) => start < 104 * videoRate)?.startsSegment).toBe(false);
  });

  test('of any frames keep their order and the bound', () => {
    const step = fc.record({ ms: fc.integer({ min: 1, max: 700 }), keyframe: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 80 }), (steps) => {
        let at = 50;
        const frames = steps.map(({ ms, keyframe }) => {
          const frame = video(at, { keyframe, duration: ms / 1_000 });
          at += ms / 1_000;
          return frame;
        });
        const fragments = fragmentsOf(frames);
        expect(fragments.flatMap(({ tracks }) => tracks[0] ?? [])).toEqual(frames);
        for (const { tracks, start, end } of fragments) {
          if ((tracks[0]?.length ?? 0) > 1) expect(end - start).toBeLessThanOrEqual(0.5 * videoRate + 10);
        }
      }),
    );
  });
});

describe('StartGate', () => {
  function gate(accepts: (start: number) => boolean = () => true, hasVideo = true): StartGate {
    return new StartGate({ timescales: [videoRate, audioRate], video: hasVideo ? 0 : undefined, accepts });
  }

  const openGop = [
    video(1, { shownAt: 1.04 }),
    audio(1.01),
    video(1.04, { keyframe: true, shownAt: 1.16 }),
    video(1.08, { shownAt: 1.08 }),
    audio(1.09),
    video(1.12, { shownAt: 1.12 }),
    video(1.16, { shownAt: 1.28 }),
    video(1.2, { shownAt: 1.2 }),
    video(1.24, { shownAt: 1.24 }),
  ];

  test('opens with a keyframe, without the leading pictures of its open GOP and what came before', () => {
    const on = gate();
    expect(openGop.map((frame) => on.pass(frame) !== undefined)).toEqual([
      false,
      false,
      true,
      false,
      true,
      false,
      true,
      true,
      true,
    ]);
  });

  test('closes at a hole, until the next keyframe', () => {
    const on = gate();
    const before = openGop.map((frame) => on.pass(frame) !== undefined);
    on.close();
    expect(openGop.map((frame) => on.pass(frame) !== undefined)).toEqual(before);
  });

  test('waits for a time at which a segment may start', () => {
    const on = gate((start) => start >= 3 * videoRate);
    const keyframes = [1, 2, 3, 4].map((at) => video(at, { keyframe: true }));
    expect(keyframes.map((frame) => on.pass(frame) !== undefined)).toEqual([false, false, true, true]);
  });

  test('opens with any frame where there is no video, and where no keyframe comes in 30 s', () => {
    expect(gate(() => true, false).pass(audio(1))).toBeDefined();
    const on = gate();
    const frames = Array.from({ length: 80 }, (_, i) => video(i / 2));
    expect(frames.findIndex((frame) => on.pass(frame)?.keyframe)).toBe(60);
  });
});
