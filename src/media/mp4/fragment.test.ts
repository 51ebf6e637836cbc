import { expect, test } from 'vitest';
import { capture, demux } from '../../../test/support/captures.ts';
import type { CollectingSink } from '../../../test/support/collecting-sink.ts';
import { ffmpegMissing } from '../../../test/support/ffmpeg.ts';
import { complaints, pictureHashes, probePackets } from '../../../test/support/media-judge.ts';
import { sampleOf } from '../../../test/support/sample-of.ts';
import { type Ticks, ticks } from '../../units/ticks.ts';
import { splitLengthPrefixed } from '../codec/avcc.ts';
import { nal, nalType } from '../codec/h264.ts';
import type { Frame } from '../frame.ts';
import type { Track } from '../track.ts';
import { type Box, findBoxes, readBoxes } from './box-reader.ts';
import { withDecodeTimes } from './decode-time.ts';
import { type Fragment, type Sample, writeFragment } from './fragment.ts';
import { writeInit } from './init.ts';

const names = [
  'b-frames.ts',
  'slices-44100.ts',
  'video-only.ts',
  'audio-only.ts',
  'open-gop.ts',
  'interlaced.ts',
  'gstreamer.ts',
];
const tracksOf = (sink: CollectingSink): readonly Track[] => sink.announced[0]?.tracks ?? [];
const bytesOf = ({ parts }: Fragment): Uint8Array => Uint8Array.from(Buffer.concat(parts));

/** Fragments of `size` frames, as a pipeline makes them: the next frame of a track ends its last sample. */
function fragments(sink: CollectingSink, size: number): Fragment[] {
  const made: Fragment[] = [];
  for (let from = 0; from < sink.frames.length; from += size) {
    made.push(fragmentOf(sink, sink.frames.slice(from, from + size), made.length + 1));
  }
  return made;
}

function fragmentOf(sink: CollectingSink, frames: readonly Frame[], sequence = 1): Fragment {
  const pieces = tracksOf(sink).flatMap(({ kind }, track) => {
    const samples = frames.filter((frame) => frame.track === track).map((frame) => sampleIn(sink, frame));
    return samples.length === 0 ? [] : [{ track, kind, samples, origin: 0 }];
  });
  return writeFragment(sequence, pieces);
}

/** The last of the track is as long as the one before it. */
function sampleIn(sink: CollectingSink, frame: Frame): Sample {
  const all = sink.of(frame.track);
  const at = Math.min(
    all.findIndex(({ dts }) => dts === frame.dts),
    all.length - 2,
  );
  const duration = ticks((all[at + 1]?.dts ?? 0) - (all[at]?.dts ?? 0));
  return { ...frame, duration, sample: sampleOf(frame, tracksOf(sink)) };
}

function movie(sink: CollectingSink, size = 20): Uint8Array {
  return Uint8Array.from(Buffer.concat([writeInit(tracksOf(sink)), ...fragments(sink, size).map(bytesOf)]));
}

interface ReadSample {
  readonly track: number;
  readonly dts: number;
  readonly pts: number;
  readonly keyframe: boolean;
  readonly data: Uint8Array;
}

/** What the fragment's own tables say, by offsets from its `moof`. */
function samplesOf(bytes: Uint8Array): ReadSample[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return findBoxes(bytes, 'moof/traf').flatMap((traf) => {
    const inside = readBoxes(bytes, traf.content, traf.end);
    const box = (type: string): Box => inside.find((one) => one.type === type) ?? traf;
    const run = box('trun');
    const fields = view.getUint32(run.content) & 0xffffff;
    let dts = Number(view.getBigUint64(box('tfdt').content + 4));
    let data = view.getInt32(run.content + 8);
    let at = run.content + 12;
    return Array.from({ length: view.getUint32(run.content + 4) }, () => {
      const [duration, size] = [view.getUint32(at), view.getUint32(at + 4)];
      const video = (fields & 0x800) !== 0;
      const keyframe = !video || (view.getUint32(at + 8) & 0x10000) === 0;
      const offset = video ? view.getInt32(at + 12) : 0;
      const sample = { track: view.getUint32(box('tfhd').content + 4) - 1, dts, pts: dts + offset, keyframe };
      const read = { ...sample, data: bytes.subarray(data, data + size) };
      at += video ? 16 : 8;
      dts += duration;
      data += size;
      return read;
    });
  });
}

/** A sample as the frame that it should be: what samples don't hold is left out. */
function asSample({ track, dts, pts, keyframe, units }: Frame): unknown {
  return { track, dts, pts, keyframe, units: units.filter((unit) => nalType(unit) !== nal.delimiter) };
}

test.each(names)('%s: read back, the samples are the frames', (name) => {
  const source = demux(capture(name));
  const tracks = tracksOf(source);
  const samples = fragments(source, 20).flatMap((fragment) => samplesOf(bytesOf(fragment)));
  tracks.forEach(({ kind }, track) => {
    const read = samples
      .filter((sample) => sample.track === track)
      .map(({ data, ...rest }) => ({ ...rest, units: kind === 'video' ? splitLengthPrefixed(data) : [data] }));
    expect(read).toEqual(kind === 'video' ? source.of(track).map(asSample) : source.of(track));
  });
});

test.skipIf(ffmpegMissing).each(names)('%s: ffmpeg decodes the movie without a word, to the same pictures', (name) => {
  const bytes = capture(name);
  const made = movie(demux(bytes));
  expect(complaints(made, 'mp4')).toEqual([]);
  if (name !== 'audio-only.ts') expect(pictureHashes(made, 'mp4')).toEqual(pictureHashes(bytes, 'ts'));
});

test.skipIf(ffmpegMissing)('ffprobe finds B-frames, keyframes and times as they were', () => {
  const source = demux(capture('b-frames.ts'));
  const packets = probePackets(movie(source), 'mp4', 'v');
  const near = (seconds: number, at: Ticks): boolean => Math.abs(seconds - at / 90_000) < 1e-5;
  expect(packets).toHaveLength(50);
  for (const [i, frame] of source.of(0).entries()) {
    const packet = packets[i];
    expect(packet !== undefined && near(packet.pts, frame.pts) && near(packet.dts, frame.dts)).toBe(true);
    expect(packet?.keyframe).toBe(frame.keyframe);
  }
});

test('the length is that of the parts, and data follows its boxes', () => {
  for (const fragment of fragments(demux(capture('b-frames.ts')), 20)) {
    const bytes = bytesOf(fragment);
    expect(bytes.length).toBe(fragment.byteLength);
    expect(readBoxes(bytes).map(({ type, end }) => [type, end])).toEqual([
      ['moof', expect.any(Number)],
      ['mdat', bytes.length],
    ]);
  }
});

test('decode times can be moved while a file is served', () => {
  const source = demux(capture('b-frames.ts'));
  const [fragment] = fragments(source, 20);
  if (fragment === undefined) throw new Error('there are frames');
  const utc = 158_400_000_000_000n;
  const moved = withDecodeTimes(
    bytesOf(fragment),
    fragment.decodeTimes.map(({ at, value }) => ({ at, value: value + utc })),
  );
  const before = samplesOf(bytesOf(fragment));
  expect(samplesOf(moved).map(({ dts }) => dts)).toEqual(before.map(({ dts }) => dts + Number(utc)));
  expect(fragment.decodeTimes.map(({ track, value }) => [track, value])).toEqual(
    [0, 1].map((track) => [track, BigInt(source.of(track)[0]?.dts ?? -1)]),
  );
});

test('decode times reach past 32 bits of seconds and ticks', () => {
  const source = demux(capture('video-only.ts'));
  const shift = 1.76e9 * 90_000;
  const [track] = tracksOf(source);
  if (track === undefined) throw new Error('there is a track');
  const samples = source.frames
    .map((frame) => sampleIn(source, frame))
    .map((sample) => ({ ...sample, dts: ticks(sample.dts + shift), pts: ticks(sample.pts + shift) }));
  const written = (origin: number): ReadSample | undefined =>
    samplesOf(bytesOf(writeFragment(1, [{ track: 0, kind: track.kind, samples, origin }])))[0];
  expect(written(0)).toMatchObject({ dts: 126_000 + shift, pts: 126_000 + shift });
  expect(written(shift)).toMatchObject({ dts: 126_000, pts: 126_000 });
});

test('a fragment has only the tracks that have samples in it', () => {
  const source = demux(capture('b-frames.ts'));
  const fragment = fragmentOf(source, source.of(1).slice(0, 3));
  expect(findBoxes(bytesOf(fragment), 'moof/traf')).toHaveLength(1);
  expect(fragment.decodeTimes.map(({ track }) => track)).toEqual([1]);
});

test('samples that lie one behind the other are written as one part', () => {
  const memory = Uint8Array.from({ length: 100 }, (_, i) => i);
  const sample = (from: number, to: number): Sample => ({
    dts: ticks(from),
    pts: ticks(from),
    duration: ticks(1),
    keyframe: true,
    sample: memory.subarray(from, to),
  });
  const samples = [
    sample(0, 10),
    sample(10, 15),
    sample(20, 30),
    sample(30, 31),
    { ...sample(31, 40), sample: memory.slice(31, 40) },
  ];
  const { parts, byteLength } = writeFragment(1, [{ track: 0, kind: 'audio', samples, origin: 0 }]);
  expect(parts.slice(1).map((part) => [...part])).toEqual([
    [...memory.subarray(0, 15)],
    [...memory.subarray(20, 31)],
    [...memory.subarray(31, 40)],
  ]);
  expect(parts.reduce((sum, { length }) => sum + length, 0)).toBe(byteLength);
});

test('the first bytes of a fragment', () => {
  const samples = [
    { dts: ticks(7), pts: ticks(7), duration: ticks(1024), keyframe: true, sample: Uint8Array.of(0xaa, 0xbb) },
  ];
  const fragment = writeFragment(9, [{ track: 0, kind: 'audio', samples, origin: 0 }]);
  expect(Buffer.from(bytesOf(fragment)).toString('hex')).toBe(
    `${'000000606d6f6f66'}${'000000106d66686400000000'}${'00000009'}${'0000004874726166'}` +
      `${'000000107466686400020000'}${'00000001'}${'000000147466647401000000'}${'0000000000000007'}` +
      `${'0000001c7472756e01000301'}${'00000001'}${'00000068'}${'00000400'}${'00000002'}` +
      `${'0000000a6d646174'}${'aabb'}`,
  );
});
