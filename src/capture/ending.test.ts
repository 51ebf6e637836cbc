import { describe, expect, test } from 'vitest';
import { CaptureStage, stageOffset } from '../../test/support/capture-stage.ts';
import { ClipCamera, demoClip } from '../../test/support/clip-camera.ts';
import { ffmpegMissing } from '../../test/support/ffmpeg.ts';
import { ManualClock, ms } from '../../test/support/manual-clock.ts';
import { complaints, pictureHashes } from '../../test/support/media-judge.ts';
import { LiveTail } from '../hls/window.ts';
import { firstPlace } from '../server/media/first-place.ts';
import { AppError } from '../units/app-error.ts';
import { serverName } from '../units/ids.ts';
import { ticks } from '../units/ticks.ts';
import { millis } from '../units/time.ts';

const clip = demoClip('gate');
const holder = serverName('s01');
/** Number of a segment that begins at monotonic 0. */
const base = stageOffset / 2_000_000;

/** A capture whose segments begin at 0, 2, 4 … seconds, stopped in the middle of one. */
async function stopped(atMs: number, publishRest: boolean, adopting = false) {
  const clock = new ManualClock();
  const camera = new ClipCamera(clock, clip);
  const on = new CaptureStage(clock, camera.input(), { adopting });
  await clock.advance(ms(atMs));
  on.capture.stop(publishRest);
  await clock.advance(ms(100));
  await on.ended;
  return { clock, camera, on, numbers: on.segments.map(({ number }) => number - base) };
}

describe('the segment in the making, when a capture is stopped', () => {
  test('is left to who publishes its number', async () => {
    const { numbers, on } = await stopped(5_700, false);
    expect(numbers).toEqual([0, 1]);
    expect(on.kinds.at(-1)).toBe('stopped');
  });

  test('is published as it is, where who goes on is told of it', async () => {
    const { numbers, on } = await stopped(5_000, true);
    expect(numbers).toEqual([0, 1, 2]);
    expect(on.kinds.slice(-2)).toEqual(['segment', 'stopped']);
    const last = on.segments.at(-1);
    expect(last?.start).toBe((on.segments[1]?.start ?? 0) + 180_000);
    expect(last?.duration).toBeGreaterThan(80_000);
    expect(last?.duration).toBeLessThanOrEqual(95_000);
  });

  test.skipIf(ffmpegMissing)('holds every picture that had come', async () => {
    const { on } = await stopped(5_000, true);
    const movie = Buffer.concat([on.init, ...on.media]);
    expect(complaints(movie, 'mp4')).toEqual([]);
    const pictures = pictureHashes(movie, 'mp4').length;
    expect(pictures).toBeGreaterThanOrEqual(124);
    expect(pictures).toBeLessThanOrEqual(126);
  });

  test('is nobody’s before the timeline of the predecessor is adopted', async () => {
    const { on } = await stopped(5_700, true, true);
    expect(on.kinds).not.toContain('segment');
  });

  test('is followed by higher numbers and later times, though the camera repeats what it has sent', async () => {
    const { clock, camera, on, numbers } = await stopped(5_000, true);
    const last = on.segments.at(-1);
    if (last === undefined) throw new Error('there are segments');
    const next = new CaptureStage(clock, camera.input({ burst: true }), {
      place: { notBefore: last.start + last.duration, numberAfter: last.number },
    });
    await clock.advance(ms(8_000));
    const all = [...on.segments, ...next.segments];
    expect(next.segments.length).toBeGreaterThan(2);
    expect(numbers.at(-1)).toBe(2);
    all.slice(1).forEach(({ number, start }, i) => {
      expect(number).toBeGreaterThan(all[i]?.number ?? 0);
      expect(start).toBeGreaterThanOrEqual((all[i]?.start ?? 0) + (all[i]?.duration ?? 0));
    });
  });

  test('is listed, with all before it, in one list with what its successor publishes, whenever the camera changes hands', async () => {
    for (let atMs = 4_000; atMs < 6_000; atMs += 250) {
      for (const darkMs of [100, 1_500, 3_700, 9_000]) {
        const { clock, camera, on } = await stopped(atMs, true);
        const last = on.segments.at(-1);
        if (last === undefined) throw new Error('there are segments');
        const taker = new CaptureStage(clock, camera.input(), { adopting: true });
        await clock.advance(ms(50));
        taker.capture.ownTimeline({ notBefore: last.start + last.duration, numberAfter: last.number, isLast: true });
        camera.break(new AppError('source-closed', 'nobody is there'));
        await clock.advance(ms(darkMs));
        camera.mend();
        await clock.advance(ms(12_000));
        const tail = new LiveTail(millis(2_000));
        for (const segment of [...on.segments, ...taker.segments.slice(0, 1)]) tail.segment({ ...segment, holder });
        const listed = tail.window?.segments.map(({ number }) => number - base);
        const all = Array.from({ length: on.segments.length + 1 }, (_, i) => i);
        expect(listed).toEqual(all);
        expect(taker.segments[0]?.start).toBeGreaterThanOrEqual(last.start + last.duration);
        for (const { number, start } of taker.segments) expect(number * 180_000).toBeLessThan(start + 180_000);
      }
    }
  });

  test.each([
    { when: 'before a frame', toldAfterMs: 50 },
    { when: 'after the burst', toldAfterMs: 900 },
  ])('and its number is not given again by a server that learns of it late, $when', async ({ toldAfterMs }) => {
    const { clock, camera, on } = await stopped(5_700, true);
    const last = on.segments.at(-1);
    if (last === undefined) throw new Error('there are segments');
    const taker = new CaptureStage(clock, camera.input({ burst: true }), { adopting: true });
    await clock.advance(ms(toldAfterMs));
    expect(taker.kinds).not.toContain('segment');
    taker.capture.ownTimeline({ notBefore: last.start + last.duration, numberAfter: last.number });
    await clock.advance(ms(6_000));
    expect(taker.segments.slice(0, 2).map(({ number }) => number - base)).toEqual([3, 4]);
    expect(taker.segments[0]?.start).toBeGreaterThanOrEqual(last.start + last.duration);
  });

  test('and its time is not given again, whenever that is told', async () => {
    for (let toldAfterMs = 2_000; toldAfterMs < 4_000; toldAfterMs += 100) {
      const clock = new ManualClock();
      const taker = new CaptureStage(clock, new ClipCamera(clock, clip).input(), { adopting: true });
      await clock.advance(ms(toldAfterMs));
      const notBefore = (base + 2.5) * 180_000;
      taker.capture.ownTimeline({ notBefore, numberAfter: base + 1 });
      await clock.advance(ms(9_000));
      expect(taker.segments[0]?.start).toBeGreaterThanOrEqual(notBefore);
    }
  });

  test('and a server that nobody can tell of it gives higher ones to what it sees once more, whenever that was', async () => {
    for (let atMs = 4_100; atMs < 6_000; atMs += 200) {
      const { clock, camera, on, numbers } = await stopped(atMs, true);
      const since = ticks((base + clock.monotonic() / 2_000) * 180_000);
      const taker = new CaptureStage(clock, camera.input({ burst: true }), {
        place: firstPlace({ end: undefined, number: undefined }, millis(2_000), since, 'guessed'),
      });
      await clock.advance(ms(6_000));
      expect(numbers).toEqual([0, 1, 2]);
      expect(taker.segments[0]?.number).toBeGreaterThan(on.segments.at(-1)?.number ?? 0);
    }
  });
});
