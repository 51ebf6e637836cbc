import { crc32 } from 'node:zlib';
import type { RunHeader } from '../../src/archive/index/header.ts';
import { IndexWriter } from '../../src/archive/index/index-writer.ts';
import type { FragmentRecord } from '../../src/archive/index/record.ts';
import type { RunName } from '../../src/archive/layout/run-name.ts';
import { type Sample, writeFragment } from '../../src/media/mp4/fragment.ts';
import { writeInit } from '../../src/media/mp4/init.ts';
import type { Track } from '../../src/media/track.ts';
import { incarnation, serverName, streamName } from '../../src/units/ids.ts';
import { ticks } from '../../src/units/ticks.ts';
import { capture, demux } from './captures.ts';
import { nodeSha256 } from './run-index.ts';

/** A run as a recorder leaves it. */
export interface RecordedRun {
  readonly stream: ReturnType<typeof streamName>;
  readonly run: RunName;
  readonly header: RunHeader;
  readonly records: readonly FragmentRecord[];
  readonly media: Uint8Array;
  /** With the closing record. */
  readonly index: Uint8Array;
}

export interface RecordedRunOptions {
  /** Half a second each. */
  readonly fragments: number;
  /** UTC of the first one's start, 90 kHz. */
  readonly start?: number;
  readonly server?: string;
  readonly ordinal?: number;
  readonly stream?: string;
  /** Fragments of a segment; each begins with a keyframe. */
  readonly segmentFragments?: number;
  /** Those that this capture of a camera gives are the same for all its recorders. */
  readonly hashOf?: (start: number) => string;
  /** Seconds between a write and the next fdatasync. */
  readonly durableBehind?: number;
  readonly kinds?: readonly Track['kind'][];
  /** Of a picture, or a block of sound. */
  readonly sampleBytes?: number;
}

export const someStart = 160_943_760_011_070;
const half = 45_000;
const announced = demux(capture('b-frames.ts')).announced[0]?.tracks ?? [];

/** Ten pictures a second, shown two pictures after they are decoded, and sound in blocks; the bytes count up. */
export function recordedRun(options: RecordedRunOptions): RecordedRun {
  const { fragments, start = someStart, segmentFragments = 4, hashOf = hashOfStart, durableBehind = 4 } = options;
  const { kinds = ['video', 'audio'], sampleBytes = 40 } = options;
  const tracks = kinds.flatMap((kind) => announced.find((track) => track.kind === kind) ?? []);
  const init = writeInit(tracks);
  const lead = kinds[0] === 'video' ? 18_000 : 0;
  const stream = streamName(options.stream ?? 'cam01');
  const run: RunName = {
    startMs: Math.floor(start / 90),
    server: serverName(options.server ?? 's01'),
    incarnation: incarnation(5),
    ordinal: options.ordinal ?? 1,
  };
  const header: RunHeader = {
    stream,
    server: run.server,
    incarnation: run.incarnation,
    init: { length: init.length, checksum: crc32(init) },
    tracks: tracks.map(({ timescale }, i) => ({
      id: i + 1,
      timescale,
      origin: ticks(((start - lead) * timescale) / 90_000),
    })),
  };
  const { writer, header: headerBytes } = IndexWriter.begin(header, nodeSha256);
  const media = [init];
  const index = [headerBytes];
  const records: FragmentRecord[] = [];
  let offset = init.length;
  for (let i = 0; i < fragments; i++) {
    const pieces = tracks.map(({ kind, timescale }, track) => ({
      track,
      kind,
      samples: samples(kind, { timescale, fragment: i, keyframe: i % segmentFragments === 0, sampleBytes }),
      origin: 0,
    }));
    const bytes = Uint8Array.from(Buffer.concat(writeFragment(i + 1, pieces).parts));
    const at = start + i * half;
    const record: FragmentRecord = {
      offset,
      length: bytes.length,
      start: ticks(at),
      duration: ticks(half),
      segment: Math.floor(at / (segmentFragments * half)),
      beginsSegment: i % segmentFragments === 0,
      keyframe: kinds[0] === 'audio' || i % segmentFragments === 0,
      durable: Math.max(0, i - durableBehind),
      hash: i % segmentFragments === 0 ? hashOf(at) : '',
      shift: ticks(0),
      checksum: crc32(bytes),
    };
    media.push(bytes);
    records.push(record);
    index.push(writer.append(record));
    offset += bytes.length;
  }
  index.push(writer.close('hour').bytes);
  return { stream, run, header, records, media: joined(media), index: joined(index) };
}

export function hashOfStart(start: number): string {
  return Math.round(start).toString(16).padStart(16, '0');
}

interface SampleOptions {
  readonly timescale: number;
  readonly fragment: number;
  readonly keyframe: boolean;
  readonly sampleBytes: number;
}

function samples(kind: Track['kind'], { timescale, fragment, keyframe, sampleBytes }: SampleOptions): Sample[] {
  const count = 5;
  const duration = timescale / 10;
  return Array.from({ length: count }, (_, i) => {
    const dts = (fragment * count + i) * duration;
    return {
      dts: ticks(dts),
      pts: ticks(kind === 'video' ? dts + 2 * duration : dts),
      duration: ticks(duration),
      keyframe: kind === 'audio' || (keyframe && i === 0),
      sample: Uint8Array.from({ length: sampleBytes }, (_, byte) => (fragment * count + i + byte) & 0xff),
    };
  });
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}
