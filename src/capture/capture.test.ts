import { getEventListeners } from 'node:events';
import { types } from 'node:util';
import { describe, expect, test } from 'vitest';
import { CaptureStage, stageOffset } from '../../test/support/capture-stage.ts';
import { capture, demux } from '../../test/support/captures.ts';
import { type Clip, ClipCamera, demoClip } from '../../test/support/clip-camera.ts';
import { CollectingSink } from '../../test/support/collecting-sink.ts';
import { ffmpegMissing } from '../../test/support/ffmpeg.ts';
import { ManualClock, ms } from '../../test/support/manual-clock.ts';
import { complaints, pictureHashes } from '../../test/support/media-judge.ts';
import type { Frame } from '../media/frame.ts';
import { TsDemuxer } from '../media/mpegts/demuxer.ts';
import { AppError } from '../units/app-error.ts';
import { serverName } from '../units/ids.ts';
import { ticks } from '../units/ticks.ts';
import { millis } from '../units/time.ts';
import type { RunInput } from './source/input.ts';
import { SourceLoop } from './source/source-loop.ts';

const clip = demoClip('gate');
/** Number of a segment that begins at monotonic 0. */
const base = stageOffset / 2_000_000;

function stage(
  options: ConstructorParameters<typeof CaptureStage>[2] = {},
  played: Clip = clip,
): { clock: ManualClock; camera: ClipCamera; on: CaptureStage } {
  const clock = new ManualClock();
  const camera = new ClipCamera(clock, played);
  return { clock, camera, on: new CaptureStage(clock, camera.input(), options) };
}

const numbers = (on: CaptureStage): number[] => on.segments.map(({ number }) => number - base);

describe('a live source', () => {
  test("becomes consecutive segments of the group's timeline, in the order of facts that is promised", async () => {
    const { clock, on } = stage();
    await clock.advance(ms(13_000));
    on.capture.stop();
    await clock.advance(ms(0));
    expect(on.kinds).toEqual(['tracks', 'source-used', 'frames', 'init', ...Array(6).fill('segment'), 'stopped']);
    expect(numbers(on)).toEqual([0, 1, 2, 3, 4, 5]);
    for (const [i, { start, duration }] of on.segments.entries()) {
      expect(start).toBe(
        Math.round((stageOffset / 1e6 + i * 2) * 90_000) + (on.segments[0]?.start ?? 0) - (stageOffset / 1e6) * 90_000,
      );
      expect(duration).toBe(180_000);
    }
  });

  test('a segment is told as soon as the keyframe behind it has come', async () => {
    const { clock, on } = stage();
    await clock.advance(ms(2_040));
    expect(on.segments).toHaveLength(0);
    await clock.advance(ms(200));
    expect(on.segments).toHaveLength(1);
  });

  test('one that is joined between keyframes begins with the next', async () => {
    const clock = new ManualClock();
    const camera = new ClipCamera(clock, clip);
    await clock.advance(ms(700));
    const on = new CaptureStage(clock, camera.input());
    await clock.advance(ms(6_000));
    expect(numbers(on)).toEqual([1, 2]);
  });

  test('a burst of the past lies in the past', async () => {
    const clock = new ManualClock();
    const camera = new ClipCamera(clock, clip);
    await clock.advance(ms(5_500));
    const on = new CaptureStage(clock, camera.input({ burst: true }));
    await clock.advance(ms(3_000));
    expect(numbers(on)).toEqual([2, 3]);
  });

  test('files are let go when no playlist can name their segments any more', async () => {
    const { clock, on } = stage();
    await clock.advance(ms(39_000));
    // 19 segments, 3 in a file: the last 10 and what is being written.
    const files = [4, 5, 6, 7].map((file) => `/scratch/1/${file}.mp4`);
    expect([...on.store.files.keys()]).toEqual(files);
    on.capture.stop();
    await on.ended;
    expect([...on.store.files.keys()]).toEqual(files);
    await clock.advance(ms(42_000));
    expect(on.store.files.size).toBe(0);
  });

  test.skipIf(ffmpegMissing)('ffmpeg decodes what viewers get, every picture, without a word', async () => {
    const { clock, on } = stage();
    await clock.advance(ms(21_000));
    const file = Buffer.concat([on.init, ...on.media]);
    expect(complaints(file, 'mp4')).toEqual([]);
    expect(pictureHashes(file, 'mp4')).toHaveLength(500);
  });
});

describe('a server that was started with a longer segment_duration than its predecessor', () => {
  test('goes on behind what viewers elsewhere were shown, as soon as it hears of it', async () => {
    const { clock, on } = stage({ config: { segmentDuration: millis(4_000) } });
    await clock.advance(ms(1_000));
    on.capture.leapBehind(base + 3);
    await clock.advance(ms(17_000));
    expect(on.segments.map(({ number }) => number)).toEqual([base / 2, base + 4, base + 5, base + 6]);
  });
});

describe('all kinds of sources', () => {
  const audio = clip.tracks.findIndex(({ kind }) => kind === 'audio');
  const only = (track: number): Clip => ({
    tracks: clip.tracks.filter((_, i) => i === track),
    frames: clip.frames.filter((frame) => frame.track === track).map((frame) => ({ ...frame, track: 0 })),
  });

  test('sound alone is cut at the same times', async () => {
    const { clock, on } = stage({}, only(audio));
    await clock.advance(ms(9_000));
    expect(numbers(on)).toEqual([0, 1, 2, 3]);
    expect(on.segments.map(({ start }) => Math.round((start / 90_000 - stageOffset / 1e6) * 10) / 10)).toEqual([
      0, 1.5, 3.5, 5.5,
    ]);
  });

  test('pictures alone', async () => {
    const { clock, on } = stage({}, only(1 - audio));
    await clock.advance(ms(9_000));
    expect(numbers(on)).toEqual([0, 1, 2, 3]);
  });

  test('sound that never comes holds nothing up for long', async () => {
    const silent = { ...clip, frames: clip.frames.filter(({ track }) => track !== audio) };
    const { clock, on } = stage({}, silent);
    await clock.advance(ms(9_000));
    expect(numbers(on)).toEqual([0, 1, 2, 3]);
  });

  test('keyframes every 10 s make segments of 10 s', async () => {
    const video = 1 - audio;
    const frames = clip.frames.map((frame) => {
      const seconds =
        frame.track === video ? (frame.dts - (clip.frames.find(({ track }) => track === video)?.dts ?? 0)) / 90_000 : 0;
      return frame.track === video && Math.round(seconds) % 10 !== 0 ? { ...frame, keyframe: false } : frame;
    });
    const { clock, on } = stage({}, { ...clip, frames });
    await clock.advance(ms(35_000));
    expect(on.segments.map(({ duration }) => duration / 90_000)).toEqual([10, 10, 10]);
    expect(numbers(on)).toEqual([0, 1, 2]);
  });

  test('lost video is a hole: the list goes on behind it', async () => {
    const at = (frame: Frame): number => frame.dts / (clip.tracks[frame.track]?.timescale ?? 1);
    const first = Math.min(...clip.frames.map(at));
    const frames = clip.frames.filter((frame) => at(frame) - first < 7 || at(frame) - first >= 12.5);
    const { clock, on } = stage({}, { ...clip, frames });
    await clock.advance(ms(21_000));
    expect(numbers(on)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect((on.segments[3]?.duration ?? 0) / 90_000).toBeCloseTo(1, 1);
  });

  test.skipIf(ffmpegMissing)(
    'a GOP that begins with a recovery point can be begun with, and loses no picture',
    async () => {
      const sink = demux(capture('open-gop.ts'));
      const openGop = { tracks: sink.announced.at(-1)?.tracks ?? [], frames: sink.frames };
      const clock = new ManualClock();
      const camera = new ClipCamera(clock, openGop);
      await clock.advance(ms(500));
      const on = new CaptureStage(clock, camera.input(), { config: { segmentDuration: millis(1_000) } });
      await clock.advance(ms(4_000));
      const file = Buffer.concat([on.init, ...on.media]);
      const shown = pictureHashes(file, 'mp4');
      const all = pictureHashes(capture('open-gop.ts'), 'ts');
      const from = all.indexOf(shown[0] ?? '');
      expect(from).toBeGreaterThan(20);
      expect(shown).toEqual(all.slice(from, from + shown.length));
      expect(shown.length).toBeGreaterThan(20);
    },
  );

  test('leading pictures of an open GOP are left out where the capture begins, and nothing else is', async () => {
    const pictures = clip.frames.filter(({ track }) => track === 1 - audio).slice(0, 60);
    const first = pictures[0]?.pts ?? 0;
    // Two pictures behind the first keyframe are shown before it.
    const frames = pictures.map((frame, i) => (i === 1 || i === 2 ? { ...frame, pts: ticks(first - 90 * i) } : frame));
    const opened = frames.map((frame, i) => (i > 0 ? frame : { ...frame, dts: ticks(frame.dts - 7_200) }));
    const ordered = opened.map((frame, i) =>
      i === 1 || i === 2 ? { ...frame, dts: ticks(first - 3_600 * (3 - i)) } : frame,
    );
    const { clock, on } = stage(
      {},
      { tracks: clip.tracks.filter((_, i) => i !== audio), frames: ordered.map((frame) => ({ ...frame, track: 0 })) },
    );
    await clock.advance(ms(4_000));
    const media = Buffer.concat(on.media);
    const held = ordered.map(({ units }) => media.includes(Buffer.from(units.at(-1) ?? [])));
    expect(held.slice(0, 50)).toEqual(held.slice(0, 50).map((_, i) => i !== 1 && i !== 2));
  });

  test('changed parameters begin a new file and a new init segment at their keyframe', async () => {
    const clock = new ManualClock();
    const live = new ClipCamera(clock, clip).input();
    const changed = clip.tracks.map((track) =>
      track.kind === 'video' ? { ...track, pps: [...track.pps, Uint8Array.of(0x68, 1)] } : track,
    );
    let told = false;
    const on = new CaptureStage(clock, (request) => {
      const { sink } = request;
      const frame = (next: Frame): void => {
        const now = clock.monotonic() > 5_900 && next.keyframe && next.track === 1 - audio;
        if (now && !told) sink.tracks(changed, []);
        told ||= now;
        sink.frame(next);
      };
      return live({ ...request, sink: { ...sink, frame } });
    });
    await clock.advance(ms(13_000));
    expect(numbers(on)).toEqual([0, 1, 2, 3, 4, 5]);
    const kinds = on.kinds.filter((kind) => kind !== 'segment');
    expect(kinds).toEqual(['tracks', 'source-used', 'frames', 'init', 'tracks', 'init']);
    const second = on.kinds.lastIndexOf('init');
    expect(on.kinds[second + 1]).toBe('segment');
    expect(on.kinds.slice(0, second).filter((kind) => kind === 'segment')).toHaveLength(3);
    const inits = on.segments.map(({ init }) => init);
    expect(inits).toEqual([inits[0], inits[0], inits[0], inits[5], inits[5], inits[5]]);
    expect(inits[5]).not.toBe(inits[0]);
    expect(on.segments.map(({ duration }) => duration)).toEqual(Array(6).fill(180_000));
    const [, , third, fourth] = on.told.map(({ location }) => location.path);
    expect(fourth).not.toBe(third);
  });
});

describe('endless MPEG-TS', () => {
  test.skipIf(ffmpegMissing)('is muxed from the next keyframe on while it is wanted, and decodes', async () => {
    const { clock, on } = stage();
    await clock.advance(ms(3_000));
    on.capture.wantMpegts(true);
    await clock.advance(ms(8_000));
    on.capture.wantMpegts(false);
    await clock.advance(ms(4_000));
    const pieces = on.facts.flatMap((fact) => (fact.type === 'mpegts' ? [fact] : []));
    expect(pieces[0]?.keyframe).toBe(true);
    expect(pieces.filter(({ keyframe }) => keyframe)).toHaveLength(4);
    const file = Buffer.concat(pieces.map(({ data }) => data));
    expect(complaints(file, 'ts')).toEqual([]);
    expect(pictureHashes(file, 'ts').length).toBeGreaterThan(165);
  });

  test.each([
    { comes: 'within 10 s begins with the keyframe that it may have seen', after: 9_000, pictures: [100, 112] },
    { comes: 'later begins with the next', after: 11_000, pictures: [50, 63] },
  ])('a viewer who comes over from a predecessor $comes', async ({ after, pictures: [least = 0, most = 0] }) => {
    const { clock, on } = stage({ adopting: true });
    await clock.advance(ms(6_500));
    on.capture.ownTimeline({ notBefore: undefined });
    await clock.advance(ms(after));
    expect(on.kinds).not.toContain('mpegts');
    on.capture.wantMpegts(true);
    await clock.advance(ms(3_000));
    const sink = new CollectingSink();
    const demuxer = new TsDemuxer(sink);
    for (const fact of on.facts) if (fact.type === 'mpegts') demuxer.push(fact.data);
    demuxer.flush();
    expect(sink.of(0)[0]?.keyframe).toBe(true);
    expect(sink.of(0).length).toBeGreaterThan(least);
    expect(sink.of(0).length).toBeLessThan(most);
  });
});

describe('a source that fails', () => {
  test('is opened again; behind the hole the numbers go on, and so does the list', async () => {
    const { clock, camera, on } = stage();
    await clock.advance(ms(5_000));
    camera.break(new AppError('source-closed', 'the source ended'));
    await clock.advance(ms(4_000));
    camera.mend();
    await clock.advance(ms(9_000));
    expect(numbers(on)).toEqual([0, 1, 2, 3, 4]);
    expect(on.segments[2]?.duration).toBeLessThan(95_000);
    expect(on.kinds.filter((kind) => kind === 'stalled')).toEqual([]);
  });

  test('is told as stalled after source_timeout, and again when frames are back', async () => {
    const { clock, camera, on } = stage({ config: { sourceTimeout: millis(3_000) } });
    await clock.advance(ms(5_000));
    camera.break(new AppError('source-refused', 'nobody listens'));
    await clock.advance(ms(2_900));
    expect(on.kinds).not.toContain('stalled');
    await clock.advance(ms(200));
    expect(on.facts).toContainEqual({ type: 'stalled', error: 'nobody listens' });
    camera.mend();
    await clock.advance(ms(12_000));
    expect(on.kinds.filter((kind) => kind === 'frames' || kind === 'stalled')).toEqual(['frames', 'stalled', 'frames']);
  });

  test('one that stays connected and silent is left', async () => {
    const clock = new ManualClock();
    let connections = 0;
    const silent = new CaptureStage(
      clock,
      ({ signal }) => {
        connections += 1;
        return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
      },
      { config: { sourceTimeout: millis(3_000) } },
    );
    await clock.advance(ms(10_000));
    expect(connections).toBe(3);
    expect(silent.kinds).toEqual(['stalled', ...Array(3).fill('source-failed')]);
  });

  test('one that does not close when it is told to is waited for no longer than 3 s', async () => {
    const clock = new ManualClock();
    const on = new CaptureStage(clock, () => new Promise(() => undefined));
    on.capture.stop();
    await clock.advance(ms(2_900));
    expect(on.kinds).toEqual([]);
    await clock.advance(ms(200));
    expect(on.kinds).toEqual(['stopped']);
  });

  test('the next source is tried, and the first one again when that fails', async () => {
    const clock = new ManualClock();
    const camera = new ClipCamera(clock, clip);
    const tried: string[] = [];
    const live = camera.input();
    const sources = ['a', 'b', 'c'].map((name) => ({ url: `rtsp://${name}/`, protocol: 'rtsp' as const }));
    new CaptureStage(
      clock,
      (request) => {
        tried.push(request.source.url);
        if (request.source.url === 'rtsp://a/') return Promise.reject(new AppError('source-refused', 'refused'));
        return live(request);
      },
      { config: { sources } },
    );
    await clock.advance(ms(3_000));
    expect(tried).toEqual(['rtsp://a/', 'rtsp://b/']);
    camera.break(new AppError('source-closed', 'ended'));
    await clock.advance(ms(300));
    expect(tried.slice(2, 4)).toEqual(['rtsp://a/', 'rtsp://b/']);
  });

  test('is gone back to when it is good again, without a hole', async () => {
    const clock = new ManualClock();
    const live = new ClipCamera(clock, clip).input();
    const sources = ['a', 'b'].map((name) => ({ url: `rtsp://${name}/`, protocol: 'rtsp' as const }));
    const refuse = () => Promise.reject(new AppError('source-refused', 'refused'));
    const on = new CaptureStage(
      clock,
      (request) => (request.source.url === 'rtsp://a/' && clock.monotonic() < 5_000 ? refuse() : live(request)),
      { config: { sources } },
    );
    await clock.advance(ms(39_500));
    const [left] = on.facts.filter((fact) => fact.type === 'source-failed' && fact.source === 1);
    expect(left).toMatchObject({ error: 'a url before it in the list is good again' });
    expect(on.facts.filter((fact) => fact.type === 'source-used').map(({ source }) => source)).toEqual([1, 0]);
    expect(on.kinds).not.toContain('stalled');
    const [first, ...more] = on.segments;
    let last = first;
    for (const segment of more) {
      expect(segment.number).toBe((last?.number ?? 0) + 1);
      // What is lost is the last picture of the one, for nobody tells how long it lasts.
      expect(segment.start - (last?.start ?? 0) - (last?.duration ?? 0)).toBeLessThanOrEqual(2 * 3_600);
      last = segment;
    }
    on.capture.stop();
  });

  test('that is silent after a return to it is told as silent', async () => {
    const clock = new ManualClock();
    const live = new ClipCamera(clock, clip).input();
    const sources = ['a', 'b'].map((name) => ({ url: `rtsp://${name}/`, protocol: 'rtsp' as const }));
    const refuse = () => Promise.reject(new AppError('source-refused', 'refused'));
    let silent = false;
    const on = new CaptureStage(
      clock,
      ({ sink, ...request }) => {
        if (request.source.url === 'rtsp://a/' && clock.monotonic() < 2_000) return refuse();
        const frame = (next: Frame): void => {
          if (!silent) sink.frame(next);
        };
        return live({ ...request, sink: { ...sink, frame } });
      },
      { config: { sources, sourceTimeout: millis(2_000) } },
    );
    await clock.advance(ms(37_500));
    expect(on.facts.filter((fact) => fact.type === 'source-used').map(({ source }) => source)).toEqual([1, 0]);
    silent = true;
    await clock.advance(ms(2_100));
    expect(on.facts.filter(({ type }) => type === 'stalled')).toEqual([
      { type: 'stalled', error: 'the source sends no frames' },
    ]);
    on.capture.stop();
  });

  test('is gone back to without a hole also when numbers run ahead of time', async () => {
    const clock = new ManualClock();
    const camera = new ClipCamera(clock, clip);
    let [preferred, spare] = [camera.input(), camera.input()];
    const sources = ['a', 'b'].map((name) => ({ url: `rtsp://${name}/`, protocol: 'rtsp' as const }));
    const on = new CaptureStage(clock, (request) => (request.source.url === 'rtsp://a/' ? preferred : spare)(request), {
      config: { sources },
    });
    await clock.advance(ms(1_200));
    spare = new ClipCamera(clock, clip).input();
    await clock.advance(ms(1_100));
    // The keyframe of the other one comes earlier than the next of this one would have.
    camera.break(new AppError('source-closed', 'it broke off'));
    await clock.advance(ms(500));
    preferred = spare;
    await clock.advance(ms(37_100));
    expect(on.facts.filter((fact) => fact.type === 'source-used').map(({ source }) => source)).toEqual([0, 1, 0]);
    const [, , first, ...more] = on.segments;
    let last = first;
    for (const segment of more) {
      expect(segment.number).toBe((last?.number ?? 0) + 1);
      expect(segment.start - (last?.start ?? 0) - (last?.duration ?? 0)).toBeLessThanOrEqual(3_600);
      last = segment;
    }
    // The last is of the preferred one, and whole.
    expect(last?.duration).toBe(180_000);
    on.capture.stop();
  });

  test('of several, the one that gave its predecessor frames is read first, and then they go in order', async () => {
    const clock = new ManualClock();
    const live = new ClipCamera(clock, clip).input();
    const tried: string[] = [];
    const sources = ['a', 'b', 'c'].map((name) => ({ url: `rtsp://${name}/`, protocol: 'rtsp' as const }));
    let dead = ['rtsp://b/', 'rtsp://c/'];
    const on = new CaptureStage(
      clock,
      (request) => {
        tried.push(request.source.url);
        if (dead.includes(request.source.url)) return Promise.reject(new AppError('source-refused', 'refused'));
        return live(request);
      },
      { config: { sources }, source: 1 },
    );
    await clock.advance(ms(100));
    // One round without a pause, wherever it begins.
    expect(tried).toEqual(['rtsp://b/', 'rtsp://c/', 'rtsp://a/']);
    on.capture.stop();
    dead = [];
    for (const source of [2, 3]) {
      const next = new CaptureStage(clock, live, { config: { sources }, source });
      await clock.advance(ms(100));
      // The configuration may have fewer by now.
      expect(next.facts).toContainEqual({ type: 'source-used', source: source === 2 ? 2 : 0 });
      next.capture.stop();
    }
  });

  test('one that falls silent gives way to the next before the capture is given up', async () => {
    const clock = new ManualClock();
    const camera = new ClipCamera(clock, clip);
    const live = camera.input();
    const sources = ['a', 'b'].map((name) => ({ url: `rtsp://${name}/`, protocol: 'rtsp' as const }));
    const silent: RunInput = ({ sink, ...request }) => {
      const frame = (next: Frame): void => {
        if (clock.monotonic() < 5_000) sink.frame(next);
      };
      return live({ ...request, sink: { ...sink, frame } });
    };
    const on = new CaptureStage(
      clock,
      (request) => (request.source.url === 'rtsp://a/' ? silent(request) : live(request)),
      { config: { sources, sourceTimeout: millis(10_000) } },
    );
    await clock.advance(ms(14_000));
    expect(on.kinds).not.toContain('stalled');
    expect(on.facts.filter(({ type }) => type === 'source-used' || type === 'source-failed')).toEqual([
      { type: 'source-used', source: 0 },
      { type: 'source-failed', source: 0, error: 'the source sends no frames' },
      { type: 'source-used', source: 1 },
    ]);
  });

  test('one whose video dies is left and told as stalled, whatever its sound does', async () => {
    const video = clip.tracks.findIndex(({ kind }) => kind === 'video');
    const first = clip.frames.find(({ track }) => track === video)?.dts ?? 0;
    const frames = clip.frames.filter(({ track, dts }) => track !== video || dts - first < 5 * 90_000);
    const { clock, on } = stage({ config: { sourceTimeout: millis(3_000) } }, { ...clip, frames });
    await clock.advance(ms(9_500));
    expect(on.facts).toContainEqual({ type: 'source-failed', source: 0, error: 'the source sends no frames' });
    expect(on.facts).toContainEqual(expect.objectContaining({ type: 'stalled' }));
    expect(on.capture.pulse().lastFrameAgeMs).toBeGreaterThan(3_000);
  });

  test('leaves nothing behind on the life of its capture, however often it is tried', async () => {
    const clock = new ManualClock();
    let tries = 0;
    const loop = new SourceLoop({
      sources: [{ url: 'file:///none.ts', protocol: 'file' }],
      sourceTimeout: millis(10_000),
      oneConnection: false,
      mayChange: () => true,
      runInput: () => {
        tries += 1;
        return Promise.reject(new AppError('source-refused', 'nobody listens'));
      },
      clock,
      random: () => 0.5,
      open: () => new CollectingSink(),
      ended: () => undefined,
    });
    const life = new AbortController();
    const ended = loop.run(life.signal);
    await clock.advance(ms(600_000));
    expect(tries).toBeGreaterThan(100);
    // The loop's pause alone; and of signals that were made to follow this one, which Node keeps in a set of its own, none.
    expect(getEventListeners(life.signal, 'abort')).toHaveLength(1);
    const kept = Object.getOwnPropertySymbols(life.signal).map((key): unknown => Reflect.get(life.signal, key));
    expect(kept.filter(types.isSet).map((followers) => Set.prototype.values.call(followers).next().done)).not.toContain(
      false,
    );
    life.abort();
    await ended;
  });

  test('a fault of this program ends the connection, not the worker', async () => {
    const clock = new ManualClock();
    const camera = new ClipCamera(clock, clip);
    const live = camera.input();
    let connections = 0;
    const on = new CaptureStage(clock, (request) => {
      connections += 1;
      if (connections > 1) return live(request);
      request.sink.tracks(clip.tracks, []);
      request.sink.frame({ ...(clip.frames[0] as Frame), units: null as never });
      return Promise.reject(request.signal.reason);
    });
    await clock.advance(ms(5_000));
    expect(connections).toBeGreaterThan(1);
    expect(on.segments.length).toBeGreaterThan(0);
  });
});

describe('a disk that fails', () => {
  test('costs the segments that it does not take, and no others', async () => {
    const { clock, on } = stage();
    await clock.advance(ms(5_000));
    on.store.mode = 'full';
    await clock.advance(ms(4_000));
    on.store.mode = 'ok';
    await clock.advance(ms(8_000));
    expect(numbers(on)).toEqual([0, 1, 5, 6, 7]);
    const [why] = on.facts.filter((fact) => fact.type === 'source-failed');
    expect(why?.error).toBe('the disk does not take what comes');
  });

  test('takes whole segments again: the keyframe with which it is found out begins the next', async () => {
    const [whole, broken] = [stage(), stage()];
    const recovered = async ({ clock, on }: ReturnType<typeof stage>, mode: 'full' | 'ok'): Promise<void> => {
      await clock.advance(ms(5_000));
      on.store.mode = mode;
      await clock.advance(ms(4_000));
      on.store.mode = 'ok';
      await clock.advance(ms(8_000));
    };
    await recovered(whole, 'ok');
    await recovered(broken, 'full');
    for (const { number, bytes } of broken.on.segments) {
      const same = whole.on.segments.find((segment) => segment.number === number);
      // A sound frame more or less.
      expect(Math.abs(bytes - (same?.bytes ?? 0)), `bytes of ${number - base}`).toBeLessThan(700);
    }
  });

  test('and stands still, holds up what is to be told; past the budget segments are dropped whole', async () => {
    const { clock, on } = stage({ budget: 20_000 });
    await clock.advance(ms(5_000));
    on.store.mode = 'hangs';
    await clock.advance(ms(10_000));
    expect(numbers(on)).toEqual([0, 1]);
    on.store.mode = 'ok';
    await clock.advance(ms(8_000));
    const all = numbers(on);
    expect(all.slice(0, 3)).toEqual([0, 1, 2]);
    expect(all.at(-1)).toBe(10);
    expect(all).not.toContain(5);
    expect(all).toEqual([...all].sort((a, b) => a - b));
  });

  const states = (on: CaptureStage): string[] => on.kinds.filter((kind) => kind === 'frames' || kind === 'stalled');

  test('for three segments is told as stalled with what it says; the first segment that it takes again ends that', async () => {
    const { clock, on } = stage();
    await clock.advance(ms(5_000));
    on.store.mode = 'full';
    await clock.advance(ms(4_000));
    expect(states(on)).toEqual(['frames']);
    await clock.advance(ms(3_000));
    expect(states(on)).toEqual(['frames', 'stalled']);
    expect(on.facts).toContainEqual({ type: 'stalled', error: 'the disk does not take the segments: ENOSPC' });
    await clock.advance(ms(10_000));
    expect(on.capture.pulse().lostSegmentsTotal).toBeGreaterThanOrEqual(8);
    on.store.mode = 'ok';
    await clock.advance(ms(5_000));
    expect(states(on)).toEqual(['frames', 'stalled', 'frames']);
    expect(on.kinds.lastIndexOf('frames')).toBeGreaterThan(on.kinds.lastIndexOf('segment') - 2);
  });

  test('and stands still for source_timeout is told as stalled', async () => {
    const { clock, on } = stage({ config: { sourceTimeout: millis(5_000) } });
    await clock.advance(ms(5_000));
    on.store.mode = 'hangs';
    await clock.advance(ms(6_000));
    expect(states(on)).toEqual(['frames']);
    await clock.advance(ms(1_000));
    expect(states(on)).toEqual(['frames', 'stalled']);
    on.store.mode = 'ok';
    await clock.advance(ms(1_000));
    expect(states(on)).toEqual(['frames', 'stalled', 'frames']);
  });

  test('and a source that fails meanwhile are one stall', async () => {
    const { clock, camera, on } = stage({ config: { sourceTimeout: millis(3_000) } });
    on.store.mode = 'full';
    await clock.advance(ms(10_000));
    camera.break(new AppError('source-refused', 'nobody listens'));
    await clock.advance(ms(10_000));
    camera.mend();
    on.store.mode = 'ok';
    await clock.advance(ms(12_000));
    expect(states(on)).toEqual(['frames', 'stalled', 'frames']);
  });
});

describe('a successor whose disk fails', () => {
  test('is not ready until a segment can be read', async () => {
    const { clock, camera, on: predecessor } = stage();
    await clock.advance(ms(3_000));
    const on = new CaptureStage(clock, camera.input(), { adopting: true });
    on.store.mode = 'hangs';
    await clock.advance(ms(6_000));
    on.capture.adopt(predecessor.segments.map((segment) => ({ ...segment, holder: serverName('a') })));
    on.store.mode = 'full';
    await clock.advance(ms(3_000));
    expect(on.capture.pulse().lostSegmentsTotal).toBeGreaterThan(0);
    expect(on.kinds).not.toContain('ready');
    on.store.mode = 'ok';
    await clock.advance(ms(5_000));
    expect(on.kinds.indexOf('ready')).toBe(on.kinds.indexOf('segment') + 1);
  });
});
