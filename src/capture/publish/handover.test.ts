import { describe, expect, test } from 'vitest';
import { CaptureStage, stageOffset } from '../../../test/support/capture-stage.ts';
import { ClipCamera, demoClip } from '../../../test/support/clip-camera.ts';
import { ffmpegMissing } from '../../../test/support/ffmpeg.ts';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import { complaints, pictureHashes } from '../../../test/support/media-judge.ts';
import { serverName } from '../../units/ids.ts';

const clip = demoClip('gate');
const predecessorName = serverName('s01');

/** Two captures of one camera: the second begins later, hears the camera later, and its clock differs from the first one's. */
async function overlap(options: {
  readonly afterMs: number;
  readonly clockMs?: number;
  readonly latencyMs?: number;
  readonly digest?: () => string;
}) {
  const clock = new ManualClock();
  const camera = new ClipCamera(clock, clip);
  const before = new CaptureStage(clock, camera.input());
  await clock.advance(ms(options.afterMs));
  const { digest, clockMs = 0, latencyMs = 0 } = options;
  const successor = new CaptureStage(clock, camera.input({ latencyMs }), {
    adopting: true,
    offset: stageOffset + clockMs * 1_000,
    ...(digest === undefined ? {} : { digest }),
  });
  return { clock, before, successor };
}

/** As the main thread does it: the predecessor's window, each time it changed. */
async function follow(
  clock: ManualClock,
  before: CaptureStage,
  successor: CaptureStage,
  spanMs: number,
): Promise<void> {
  let seen = -1;
  for (let passed = 0; passed < spanMs; passed += 100) {
    await clock.advance(ms(100));
    if (before.segments.length === seen) continue;
    seen = before.segments.length;
    successor.capture.adopt(before.segments.slice(-8).map((segment) => ({ ...segment, holder: predecessorName })));
  }
}

describe('an overlapping handover', () => {
  test.each([
    { name: 'in step', afterMs: 7_300 },
    { name: 'a clock that is ahead', afterMs: 7_300, clockMs: 700 },
    { name: 'a clock that is behind, a slower path', afterMs: 9_900, clockMs: -400, latencyMs: 350 },
    { name: 'begun at a keyframe', afterMs: 8_000, clockMs: 120 },
  ])('$name: the successor cuts the same segments under the same numbers', async (options) => {
    const { clock, before, successor } = await overlap(options);
    await follow(clock, before, successor, 10_000);
    expect(successor.kinds).toContain('ready');
    const first = successor.segments[0]?.number ?? 0;
    expect(successor.segments.length).toBeGreaterThanOrEqual(3);
    const same = before.segments.filter(({ number }) => number >= first).slice(0, successor.segments.length);
    expect(successor.segments.slice(0, same.length)).toEqual(same);
  });

  test('is ready within a segment of what it needs, with all up to the live edge, and publishes nothing before', async () => {
    const { clock, before, successor } = await overlap({ afterMs: 7_300 });
    await clock.advance(ms(4_000));
    expect(successor.segments).toEqual([]);
    await follow(clock, before, successor, 200);
    expect(successor.kinds.slice(-1)).toEqual(['ready']);
    expect(successor.segments.at(-1)?.number).toBe(before.segments.at(-1)?.number);
  });

  test('tries to reach the live edge, but whoever hears the camera much later is ready all the same', async () => {
    const { clock, before, successor } = await overlap({ afterMs: 5_300, latencyMs: 2_600 });
    await follow(clock, before, successor, 12_000);
    expect(successor.kinds).not.toContain('ready');
    await follow(clock, before, successor, 8_000);
    expect(successor.kinds).toContain('ready');
    const first = successor.segments[0];
    expect(before.segments).toContainEqual(first);
  });

  test.skipIf(ffmpegMissing)('what viewers get over the border is every picture of the source, once', async () => {
    const { clock, before, successor } = await overlap({ afterMs: 7_300, clockMs: 300, latencyMs: 80 });
    await follow(clock, before, successor, 5_000);
    before.capture.stop();
    await clock.advance(ms(8_000));
    const last = before.segments.at(-1)?.number ?? 0;
    const taken = successor.media.filter((_, i) => (successor.segments[i]?.number ?? 0) > last);
    expect(before.init).toEqual(successor.init);
    const file = Buffer.concat([before.init, ...before.media, ...taken]);
    expect(complaints(file, 'mp4')).toEqual([]);
    const numbers = [...before.segments, ...successor.segments.filter(({ number }) => number > last)];
    expect(numbers.map(({ number }, i) => number - i)).toEqual(numbers.map(() => numbers[0]?.number));
    const hashes = pictureHashes(file, 'mp4');
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(hashes).toHaveLength(numbers.length * 50);
  });

  test('without a picture in common, it goes on in its own clock, behind what was published', async () => {
    let count = 0;
    const { clock, before, successor } = await overlap({
      afterMs: 4_300,
      clockMs: -300,
      digest: () => `own${count++}`,
    });
    await follow(clock, before, successor, 15_000);
    expect(successor.segments).toEqual([]);
    await follow(clock, before, successor, 8_000);
    expect(successor.kinds).toContain('ready');
    const [first] = successor.segments;
    const last = before.segments.findLast(({ number }) => number < (first?.number ?? 0));
    expect(first?.number).toBe((last?.number ?? 0) + 1);
    expect(first?.start).toBeGreaterThanOrEqual((last?.start ?? 0) + (last?.duration ?? 0));
  });

  test('when the predecessor is gone, publishes what it has behind what that published', async () => {
    const { clock, before, successor } = await overlap({ afterMs: 7_300 });
    const last = before.segments.at(-1);
    await clock.advance(ms(5_000));
    successor.capture.ownTimeline({ notBefore: (last?.start ?? 0) + (last?.duration ?? 0), numberAfter: last?.number });
    await clock.advance(ms(5_000));
    expect(successor.segments.map(({ number }) => number - (last?.number ?? 0))).toEqual([2, 3, 4, 5]);
  });

  test('the endless stream begins when the successor publishes, on the same timeline', async () => {
    const { clock, before, successor } = await overlap({ afterMs: 7_300, clockMs: 500 });
    successor.capture.wantMpegts(true);
    await clock.advance(ms(3_000));
    expect(successor.kinds).not.toContain('mpegts');
    await follow(clock, before, successor, 5_000);
    const pieces = successor.facts.flatMap((fact) => (fact.type === 'mpegts' ? [fact] : []));
    expect(pieces[0]?.keyframe).toBe(true);
    expect(pieces.length).toBeGreaterThan(10);
  });
});

describe('a takeover without overlap', () => {
  test('begins behind the last published end, at a higher number', async () => {
    const clock = new ManualClock();
    const camera = new ClipCamera(clock, clip);
    const before = new CaptureStage(clock, camera.input());
    await clock.advance(ms(6_500));
    const last = before.segments.at(-1);
    const end = (last?.start ?? 0) + (last?.duration ?? 0);
    // With a burst of the past, of which viewers have a part already.
    const successor = new CaptureStage(clock, camera.input({ burst: true }), {
      place: { notBefore: end + 90_000, numberAfter: last?.number },
    });
    await clock.advance(ms(5_000));
    expect(successor.segments[0]?.start).toBeGreaterThanOrEqual(end + 90_000);
    expect(successor.segments[0]?.number).toBeGreaterThan(last?.number ?? 0);
  });

  test('goes on where viewers are, when the predecessor was an hour ahead, and loses nothing', async () => {
    const clock = new ManualClock();
    const camera = new ClipCamera(clock, clip);
    const end = (stageOffset / 1e6 + 3_600) * 90_000;
    const numberAfter = stageOffset / 2e6 + 1_799;
    const successor = new CaptureStage(clock, camera.input(), { place: { notBefore: end, numberAfter } });
    await clock.advance(ms(9_000));
    expect(successor.segments.map(({ number }) => number - numberAfter)).toEqual([1, 2, 3, 4]);
    expect(successor.segments[0]?.start).toBe(end);
  });
});
