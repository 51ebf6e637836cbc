// ISO/IEC 14496-12 clause 8.8: movie fragments, `moof` and `mdat`.
//
//   writeFragment(sequence, pieces)     of samples that lie in memory already, laid out by sample-layout.ts: copies nothing
//
// A fragment comes in parts, ready for writev. `decodeTimes` are the places of the 64-bit `tfdt` values, so that
// a reader of the file can move it onto the timeline: withDecodeTimes(bytes, decodeTimes, offset).
import { assert } from '../../units/assert.ts';
import type { Ticks } from '../../units/ticks.ts';
import type { Track } from '../track.ts';
import { BoxWriter } from './box-writer.ts';
import type { DecodeTime } from './decode-time.ts';
import { trackId } from './init.ts';

export interface Fragment {
  /** In the order of the file. */
  readonly parts: readonly Uint8Array[];
  readonly byteLength: number;
  /** As written; one for each track that has samples here, in the order of tracks. */
  readonly decodeTimes: readonly TrackDecodeTime[];
}

interface TrackDecodeTime extends DecodeTime {
  /** Index into the tracks. */
  readonly track: number;
}

/** Times are in the track's timescale. */
export interface Sample {
  readonly dts: Ticks;
  readonly pts: Ticks;
  /** Up to the next sample's decode time. */
  readonly duration: Ticks;
  readonly keyframe: boolean;
  readonly sample: Uint8Array;
}

/** The samples of one track in a fragment. */
export interface FragmentPiece {
  /** Index into the tracks. */
  readonly track: number;
  readonly kind: Track['kind'];
  /** At least one. */
  readonly samples: readonly Sample[];
  /** The decode time that the file calls 0; none of the samples lies before it. */
  readonly origin: number;
}

const dataHeaderBytes = 8;

export function writeFragment(sequence: number, pieces: readonly FragmentPiece[]): Fragment {
  const samples = pieces.reduce((sum, piece) => sum + piece.samples.length, 0);
  const out = new BoxWriter(128 + 96 * pieces.length + 16 * samples + dataHeaderBytes);
  const decodeTimes: TrackDecodeTime[] = [];
  const dataOffsets: number[] = [];
  out.box('moof', () => {
    out.fullBox('mfhd', 0, 0, () => out.u32(sequence));
    for (const piece of pieces) {
      out.box('traf', () => {
        writeTrackFragmentHeader(out, piece.track);
        decodeTimes.push(writeDecodeTime(out, piece));
        dataOffsets.push(writeRun(out, piece));
      });
    }
  });
  let dataAt = out.position + dataHeaderBytes;
  pieces.forEach((piece, i) => {
    out.setU32(dataOffsets[i] ?? 0, dataAt);
    for (const { sample } of piece.samples) dataAt += sample.length;
  });
  out.u32(dataAt - out.position).text('mdat');
  const parts = [out.finish()];
  for (const { samples } of pieces) addParts(parts, samples);
  return { parts, byteLength: dataAt, decodeTimes };
}

/** Samples that lie one behind the other become one part. */
function addParts(parts: Uint8Array[], samples: readonly Sample[]): void {
  let first: Uint8Array | undefined;
  let end = 0;
  for (const { sample } of samples) {
    if (first !== undefined && sample.byteOffset === end && sample.buffer === first.buffer) {
      end += sample.length;
      continue;
    }
    if (first !== undefined) parts.push(stretched(first, end));
    first = sample;
    end = sample.byteOffset + sample.length;
  }
  if (first !== undefined) parts.push(stretched(first, end));
}

function stretched({ buffer, byteOffset }: Uint8Array, end: number): Uint8Array {
  return new Uint8Array(buffer, byteOffset, end - byteOffset);
}

const defaultBaseIsMoof = 0x020000;

function writeTrackFragmentHeader(out: BoxWriter, track: number): void {
  out.fullBox('tfhd', 0, defaultBaseIsMoof, () => out.u32(trackId(track)));
}

function writeDecodeTime(out: BoxWriter, { track, samples, origin }: FragmentPiece): TrackDecodeTime {
  const value = BigInt((samples[0]?.dts ?? 0) - origin);
  assert(value >= 0n, 'decode times in a file are not negative');
  let at = 0;
  out.fullBox('tfdt', 1, 0, () => {
    at = out.position;
    out.u64(value);
  });
  return { track, at, value };
}

const trunFlags = { dataOffset: 0x1, duration: 0x100, size: 0x200, flags: 0x400, compositionOffset: 0x800 } as const;
/** sample_depends_on 2: on no other. */
const syncSample = 0x02000000;
/** sample_depends_on 1, sample_is_non_sync_sample. */
const dependentSample = 0x01010000;

/** Returns where the data offset must be filled in. Audio leaves out what is the same for all its samples by nature. */
function writeRun(out: BoxWriter, { samples, kind }: FragmentPiece): number {
  const video = kind === 'video';
  const { dataOffset, duration, size, flags, compositionOffset } = trunFlags;
  const fields = dataOffset | duration | size | (video ? flags | compositionOffset : 0);
  let dataOffsetAt = 0;
  out.fullBox('trun', 1, fields, () => {
    out.u32(samples.length);
    dataOffsetAt = out.position;
    out.u32(0);
    for (const { dts, pts, duration: lasts, keyframe, sample } of samples) {
      out.u32(lasts).u32(sample.length);
      if (video) out.u32(keyframe ? syncSample : dependentSample).u32(pts - dts);
    }
  });
  return dataOffsetAt;
}
