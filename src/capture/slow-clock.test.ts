import { expect, test } from 'vitest';
import { CaptureStage } from '../../test/support/capture-stage.ts';
import { demoClip } from '../../test/support/clip-camera.ts';
import { ManualClock, ms } from '../../test/support/manual-clock.ts';
import { ticks, timescale90k } from '../units/ticks.ts';
import { after, millis } from '../units/time.ts';
import type { RunInput } from './source/input.ts';

const clip = demoClip('gate');

/** Plays the clip again and again with timestamps that run `rate` times as fast as time. */
function player(clock: ManualClock, rate: number): RunInput {
  const frames = clip.frames.map((frame) => ({ frame, timescale: clip.tracks[frame.track]?.timescale ?? 1 }));
  const first = Math.min(...frames.map(({ frame, timescale }) => frame.dts / timescale));
  return async ({ sink, signal }) => {
    sink.tracks(clip.tracks, []);
    const start = clock.monotonic();
    for (let from = 0; !signal.aborted; from += 40) {
      for (const { frame, timescale } of frames) {
        const seconds = frame.dts / timescale - first + from;
        const wait = after(start, millis((seconds * 1_000) / rate)) - clock.monotonic();
        if (wait > 0) await clock.sleep(millis(wait), signal);
        const dts = Math.round(seconds * timescale);
        sink.frame({ ...frame, dts: ticks(dts), pts: ticks(dts + frame.pts - frame.dts) });
      }
    }
  };
}

test('a clock too slow to be followed is set right where nothing is lost, and that is told before the next segment', async () => {
  const clock = new ManualClock();
  const on = new CaptureStage(clock, player(clock, 0.9));
  await clock.advance(ms(400_000));
  const listed = on.segments.reduce((sum, { duration }) => sum + duration, 0) / timescale90k;
  expect(listed).toBeGreaterThan(400 * 0.9 - 6);
  const holes = on.segments.flatMap(({ start, number }, i) => {
    const before = on.segments[i - 1];
    return before !== undefined && start - before.start - before.duration > timescale90k / 4 ? [number] : [];
  });
  const told = on.facts.flatMap((fact, i) => {
    const next = on.facts[i + 1];
    return fact.type === 'stepped-on' && next?.type === 'segment' ? [next.segment.number] : [];
  });
  expect(told).toHaveLength(1);
  expect(holes).toEqual(told);
});
