import fc from 'fast-check';
import { expect, test } from 'vitest';
import { capture, demux } from '../../../test/support/captures.ts';
import type { CollectingSink } from '../../../test/support/collecting-sink.ts';
import { ffmpegMissing } from '../../../test/support/ffmpeg.ts';
import { probePackets } from '../../../test/support/media-judge.ts';
import type { Frame } from '../frame.ts';
import type { Track } from '../track.ts';
import { timestampWrap } from './timestamp.ts';

const captures = [
  { name: 'b-frames.ts', tracks: ['160x90 25', '48000 1'], frames: [50, 95], keyframes: 2, unsupported: [] },
  { name: 'slices-44100.ts', tracks: ['160x90 25', '44100 2'], frames: [50, 88], keyframes: 2, unsupported: [] },
  { name: 'video-only.ts', tracks: ['160x90 25'], frames: [50], keyframes: 2, unsupported: [] },
  { name: 'audio-only.ts', tracks: ['48000 1'], frames: [95], keyframes: 95, unsupported: [] },
  { name: 'open-gop.ts', tracks: ['160x90 25'], frames: [75], keyframes: 3, unsupported: [] },
  { name: 'interlaced.ts', tracks: ['180x144 25'], frames: [25], keyframes: 1, unsupported: [] },
  { name: 'timestamps-wrap.ts', tracks: ['160x90 25', '48000 1'], frames: [50, 95], keyframes: 2, unsupported: [] },
  {
    name: 'two-programs.ts',
    tracks: ['96x64 25', '48000 1'],
    frames: [25, 48],
    keyframes: 1,
    unsupported: ['MP2 (MPEG-1 audio)'],
  },
  { name: 'gstreamer.ts', tracks: ['160x90 25', '48000 1'], frames: [50, 93], keyframes: 2, unsupported: [] },
];

function described(track: Track): string {
  return track.kind === 'video'
    ? `${track.width}x${track.height} ${track.frameRate}`
    : `${track.sampleRate} ${track.channels}`;
}

test.each(captures)('$name', ({ name, tracks, frames, keyframes, unsupported }) => {
  const sink = demux(capture(name));
  expect(sink.damages).toEqual([]);
  expect(sink.announced).toHaveLength(1);
  expect(sink.announced[0]?.tracks.map(described)).toEqual(tracks);
  expect(sink.announced[0]?.unsupported.map(({ codec }) => codec)).toEqual(unsupported);
  expect(tracks.map((_, track) => sink.of(track).length)).toEqual(frames);
  expect(sink.of(0).filter(({ keyframe }) => keyframe)).toHaveLength(keyframes);
});

test('every frame lies behind the last one of its track, and audio beside video', () => {
  for (const { name } of captures) {
    const sink = demux(capture(name));
    const tracks = sink.announced[0]?.tracks ?? [];
    const starts = tracks.map((track, index) => {
      const frames = sink.of(index);
      for (const [i, frame] of frames.entries()) expect(frame.dts).toBeGreaterThan(frames[i - 1]?.dts ?? -1);
      return (frames[0]?.dts ?? 0) / track.timescale;
    });
    for (const start of starts) expect(Math.abs(start - (starts[0] ?? 0))).toBeLessThan(0.5);
  }
});

test('timestamps go on over the wrap of 33 bits', () => {
  const video = demux(capture('timestamps-wrap.ts')).of(0);
  expect(video[0]?.dts).toBeLessThan(timestampWrap);
  expect(video.at(-1)?.dts).toBeGreaterThan(timestampWrap);
  expect(new Set(video.slice(1).map(({ dts }, i) => dts - (video[i]?.dts ?? 0)))).toEqual(new Set([3600]));
});

// ffprobe reads program by program, and undoes the wrap in its own way: those captures are left to the table above.
const comparable = captures.filter(({ name }) => name !== 'two-programs.ts' && name !== 'timestamps-wrap.ts');

test.skipIf(ffmpegMissing).each(comparable)('$name: ffprobe finds the same frames at the same times', ({ name }) => {
  const bytes = capture(name);
  const sink = demux(bytes);
  sink.announced[0]?.tracks.forEach(({ kind, timescale }, track) => {
    const frames = sink.of(track);
    const theirs = probePackets(bytes, 'ts', kind === 'video' ? 'v' : 'a');
    expect(frames).toHaveLength(theirs.length);
    for (const [i, frame] of frames.entries()) {
      expect(frame.keyframe).toBe(theirs[i]?.keyframe);
      // Samples against 90 kHz, and the rounding that the demuxer smooths.
      expect(Math.abs(frame.pts / timescale - (theirs[i]?.pts ?? 0))).toBeLessThan(0.0021);
      expect(Math.abs(frame.dts / timescale - (theirs[i]?.dts ?? 0))).toBeLessThan(0.0021);
    }
  });
});

const delivered = ({ announced, frames, damages }: CollectingSink): unknown => ({
  announced,
  frames: frames.map(told),
  damages,
});
const told = ({ units, ...rest }: Frame): unknown => ({
  ...rest,
  units: units.map((unit) => Buffer.from(unit).toString('base64')),
});

test('where the bytes are chopped makes no difference', () => {
  for (const name of ['b-frames.ts', 'slices-44100.ts', 'two-programs.ts']) {
    const bytes = capture(name);
    const whole = delivered(demux(bytes));
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 200 }), (cuts) => {
        expect(
          delivered(
            demux(
              bytes,
              [...cuts].sort((a, b) => a - b),
            ),
          ),
        ).toEqual(whole);
      }),
      { numRuns: 15 },
    );
  }
});

test('byte by byte', () => {
  const bytes = capture('two-programs.ts');
  expect(delivered(demux(bytes, Array.from(bytes.keys())))).toEqual(delivered(demux(bytes)));
});
