import { expect, test } from 'vitest';
import { capture, demux } from '../../../test/support/captures.ts';
import type { CollectingSink } from '../../../test/support/collecting-sink.ts';
import { ffmpegMissing } from '../../../test/support/ffmpeg.ts';
import { complaints, pictureHashes, probePackets } from '../../../test/support/media-judge.ts';
import { type Ticks, ticks } from '../../units/ticks.ts';
import { splitLengthPrefixed } from '../codec/avcc.ts';
import { nal, nalType } from '../codec/h264.ts';
import type { Frame } from '../frame.ts';
import type { Track } from '../track.ts';
import { type Box, findBoxes, readBoxes } from './box-reader.ts';
import { withDecodeTimes } from './decode-time.ts';
import { type Fragment, FragmentBuilder } from './fragment.ts';
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
  const builder = new FragmentBuilder(tracksOf(sink));
  const made: Fragment[] = [];
  for (let from = 0; from < sink.frames.length; from += size) {
    for (const frame of sink.frames.slice(from, from + size)) builder.add(frame);
    const rest = sink.frames.slice(from + size);
    const ends = tracksOf(sink).map((_, track) => rest.find((frame) => frame.track === track)?.dts);
    made.push(builder.finish(made.length + 1, ends));
  }
  return made;
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
  const builder = new FragmentBuilder(tracksOf(source));
  const shift = 1.76e9 * 90_000;
  for (const frame of source.frames)
    builder.add({ ...frame, dts: ticks(frame.dts + shift), pts: ticks(frame.pts + shift) });
  expect(samplesOf(bytesOf(builder.finish(1)))[0]?.dts).toBe(126_000 + shift);
});

test('a fragment has only the tracks that have samples in it', () => {
  const source = demux(capture('b-frames.ts'));
  const builder = new FragmentBuilder(tracksOf(source));
  for (const frame of source.of(1).slice(0, 3)) builder.add(frame);
  const fragment = builder.finish(1);
  expect(findBoxes(bytesOf(fragment), 'moof/traf')).toHaveLength(1);
  expect(fragment.decodeTimes.map(({ track, duration }) => [track, duration])).toEqual([[1, 3072]]);
  expect(builder.isEmpty).toBe(true);
});

test('the first bytes of a fragment', () => {
  const [track] = tracksOf(demux(capture('audio-only.ts')));
  if (track === undefined) throw new Error('there is a track');
  const builder = new FragmentBuilder([track]);
  builder.add({ track: 0, dts: ticks(7), pts: ticks(7), keyframe: true, units: [Uint8Array.of(0xaa, 0xbb)] });
  expect(Buffer.from(bytesOf(builder.finish(9, [ticks(1031)]))).toString('hex')).toBe(
    `${'000000606d6f6f66'}${'000000106d66686400000000'}${'00000009'}${'0000004874726166'}` +
      `${'000000107466686400020000'}${'00000001'}${'000000147466647401000000'}${'0000000000000007'}` +
      `${'0000001c7472756e01000301'}${'00000001'}${'00000068'}${'00000400'}${'00000002'}` +
      `${'0000000a6d646174'}${'aabb'}`,
  );
});
