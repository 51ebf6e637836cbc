import { expect, test } from 'vitest';
import { capture, demux } from '../../../test/support/captures.ts';
import type { CollectingSink } from '../../../test/support/collecting-sink.ts';
import { ffmpegMissing } from '../../../test/support/ffmpeg.ts';
import { complaints, pictureHashes } from '../../../test/support/media-judge.ts';
import { ticks } from '../../units/ticks.ts';
import { nal, nalType } from '../codec/h264.ts';
import type { Frame } from '../frame.ts';
import type { Track } from '../track.ts';
import { TsMuxer } from './muxer.ts';
import { readPcr } from './packet-writer.ts';
import { timestampWrap, wrapTimestamp } from './timestamp.ts';
import { packetBytes } from './ts-packet.ts';

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

function mux(tracks: readonly Track[], frames: readonly Frame[], batch = 5): Uint8Array {
  const muxer = new TsMuxer(tracks);
  const chunks: Uint8Array[] = [];
  for (let i = 0; i < frames.length; i += batch) chunks.push(muxer.write(frames.slice(i, i + batch)));
  return Uint8Array.from(Buffer.concat(chunks));
}

function packets(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: bytes.length / packetBytes }, (_, i) =>
    bytes.subarray(i * packetBytes, (i + 1) * packetBytes),
  );
}

const pidOf = (packet: Uint8Array): number => (((packet[1] ?? 0) & 31) << 8) | (packet[2] ?? 0);

test.each(names)('%s: muxed and demuxed, the frames are the same', (name) => {
  const source = demux(capture(name));
  const back = demux(mux(tracksOf(source), source.frames));
  expect(back.damages).toEqual([]);
  expect(back.announced).toEqual(source.announced);
  tracksOf(source).forEach((_, track) => {
    expect(back.of(track)).toEqual(source.of(track).map(withDelimiterFirst));
  });
});

/** What the muxer adds by promise: a delimiter of any slice type. The captures have parameter sets at every keyframe already. */
function withDelimiterFirst(frame: Frame): Frame {
  if (nalType(frame.units[0] ?? new Uint8Array()) !== nal.delimiter) return frame;
  return { ...frame, units: [Uint8Array.of(9, 0xf0), ...frame.units.slice(1)] };
}

test.skipIf(ffmpegMissing).each(names)(
  '%s: ffmpeg decodes what was muxed without a word, to the same pictures',
  (name) => {
    const bytes = capture(name);
    const source = demux(bytes);
    const muxed = mux(tracksOf(source), source.frames);
    expect(complaints(muxed, 'ts')).toEqual([]);
    if (name !== 'audio-only.ts') expect(pictureHashes(muxed, 'ts')).toEqual(pictureHashes(bytes, 'ts'));
  },
);

test('how the frames are batched makes no difference', () => {
  const source = demux(capture('b-frames.ts'));
  expect(mux(tracksOf(source), source.frames, 1)).toEqual(mux(tracksOf(source), source.frames, 1000));
});

test('counters go up by one with each packet of a PID', () => {
  const source = demux(capture('b-frames.ts'));
  const last = new Map<number, number>();
  for (const packet of packets(mux(tracksOf(source), source.frames))) {
    const counter = (packet[3] ?? 0) & 15;
    const before = last.get(pidOf(packet));
    if (before !== undefined) expect(counter).toBe((before + 1) % 16);
    last.set(pidOf(packet), counter);
  }
  expect([...last.keys()].sort((a, b) => a - b)).toEqual([0, 0x100, 0x101, 0x1000]);
});

test('each keyframe can be started with: tables in front of it, a delimiter and the sets within', () => {
  const source = demux(capture('b-frames.ts'));
  const bare = source.frames.map((frame) => ({
    ...frame,
    units: frame.units.filter(
      (unit) => frame.track !== 0 || ![nal.delimiter, nal.sps, nal.pps].some((type) => type === nalType(unit)),
    ),
  }));
  const tracks = tracksOf(source);
  const back = demux(mux(tracks, bare));
  expect(back.of(0).filter(({ keyframe }) => keyframe)).toHaveLength(2);
  for (const { keyframe, units } of back.of(0)) {
    const types = units.map(nalType);
    expect(types[0]).toBe(nal.delimiter);
    expect(types.includes(nal.sps) && types.includes(nal.pps)).toBe(keyframe);
  }
  const entries = bare.flatMap((frame, i) => (frame.track === 0 && frame.keyframe ? [i] : []));
  for (const i of entries) {
    const muxer = new TsMuxer(tracks);
    muxer.write(bare.slice(0, i));
    expect(
      packets(muxer.write(bare.slice(i, i + 1)))
        .slice(0, 3)
        .map(pidOf),
    ).toEqual([0, 0x1000, 0x100]);
  }
});

test('times may be UTC, and go over the wrap', () => {
  const source = demux(capture('b-frames.ts'));
  const tracks = tracksOf(source);
  const utcSeconds = Math.ceil((1.76e9 * 90_000) / timestampWrap) * (timestampWrap / 90_000) - 2.2;
  const moved = source.frames.map((frame) => {
    const shift = Math.round(utcSeconds * (tracks[frame.track]?.timescale ?? 0));
    return { ...frame, dts: ticks(frame.dts + shift), pts: ticks(frame.pts + shift) };
  });
  const back = demux(mux(tracks, moved));
  expect(back.damages).toEqual([]);
  const wrapped = back.of(0).map(({ dts }) => dts);
  expect(wrapped[0]).toBeLessThan(timestampWrap);
  expect(wrapped.at(-1)).toBeGreaterThan(timestampWrap);
  expect(wrapped.map(wrapTimestamp)).toEqual(
    moved.filter(({ track }) => track === 0).map(({ dts }) => wrapTimestamp(dts)),
  );
});

test('the clock comes at least with every picture and stays behind its decode time', () => {
  const source = demux(capture('b-frames.ts'));
  const pictures = source.of(0).map(({ dts }) => dts);
  const clocks = packets(mux(tracksOf(source), source.frames))
    .filter((packet) => ((packet[3] ?? 0) & 0x20) !== 0 && (packet[4] ?? 0) > 0 && ((packet[5] ?? 0) & 0x10) !== 0)
    .map((packet) => readPcr(packet, 6));
  expect(clocks).toEqual(pictures.map((dts) => dts - 63_000));
});

test('audio alone repeats its tables', () => {
  const source = demux(capture('audio-only.ts'));
  const tables = packets(mux(tracksOf(source), source.frames)).filter((packet) => pidOf(packet) === 0);
  // Half a second is passed by every 24th frame, and there are 95.
  expect(tables).toHaveLength(4);
});

test('other tracks have another version of the map', () => {
  const source = demux(capture('b-frames.ts'));
  const version = (tracks: readonly Track[]): number =>
    (new TsMuxer(tracks).write(source.of(0).slice(0, 1))[packetBytes + 10] ?? 0) & 0x3e;
  expect(version(tracksOf(source))).not.toBe(version(tracksOf(source).slice(0, 1)));
});
