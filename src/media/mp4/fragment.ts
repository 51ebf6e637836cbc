// ISO/IEC 14496-12 clause 8.8: movie fragments, `moof` and `mdat`.
//
//   const builder = new FragmentBuilder(tracks);
//   builder.add(frame);                 copies it; dts and pts in the track's timescale, dts from 0 on (UTC, or since the run's start)
//   builder.finish(sequence, ends)      a fragment of all that was added since the last one; the builder goes on with the next
//   writeFragment(sequence, pieces)     the same for who has the samples in memory already, laid out by sample-layout.ts: copies nothing
//
// A fragment comes in parts, ready for writev, whose memory is the caller's. `decodeTimes` are the places of the 64-bit `tfdt` values, so that
// a reader of the file can move it onto the timeline: withDecodeTimes(bytes, decodeTimes, offset).
import { assert } from '../../units/assert.ts';
import type { Ticks } from '../../units/ticks.ts';
import type { Frame } from '../frame.ts';
import type { Track } from '../track.ts';
import { BoxWriter } from './box-writer.ts';
import type { DecodeTime } from './decode-time.ts';
import { trackId } from './init.ts';
import { SampleRun, type TimedSample } from './sample-run.ts';

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
  /** Sum of its samples' durations, in its timescale. */
  readonly duration: Ticks;
}

export class FragmentBuilder {
  readonly #runs: readonly SampleRun[];

  constructor(tracks: readonly Track[]) {
    this.#runs = tracks.map((track) => new SampleRun(track));
  }

  get isEmpty(): boolean {
    return this.#runs.every((run) => run.isEmpty);
  }

  /** Of the samples added so far, without headers. */
  get byteLength(): number {
    return this.#runs.reduce((sum, run) => sum + run.byteLength, 0);
  }

  add(frame: Frame): void {
    const run = this.#runs[frame.track];
    assert(run !== undefined, `the fragment has no track ${frame.track}`);
    run.add(frame);
  }

  /**
   * `ends`: for each track the decode time of its next frame, which makes the last sample's duration; where it isn't known the
   * sample is as long as the one before. Must not be called while empty.
   */
  finish(sequence: number, ends: readonly (Ticks | undefined)[] = []): Fragment {
    assert(!this.isEmpty, 'a fragment has samples');
    const pieces = this.#runs.flatMap((run, track) => {
      if (run.isEmpty) return [];
      const { samples, bytes } = run.take(ends[track]);
      return { track, kind: run.track.kind, samples, parts: [bytes] };
    });
    return writeFragment(sequence, pieces);
  }
}

/** The samples of one track in a fragment. */
export interface FragmentPiece {
  /** Index into the tracks. */
  readonly track: number;
  readonly kind: Track['kind'];
  /** At least one; their decode times are not negative. */
  readonly samples: readonly TimedSample[];
  /** The samples' bytes one behind the other, in as many parts as is convenient; they become parts of the fragment. */
  readonly parts: readonly Uint8Array[];
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
        dataOffsets.push(writeRun(out, piece.samples, piece.kind === 'video'));
      });
    }
  });
  let dataAt = out.position + dataHeaderBytes;
  pieces.forEach((piece, i) => {
    out.setU32(dataOffsets[i] ?? 0, dataAt);
    for (const sample of piece.samples) dataAt += sample.bytes;
  });
  out.u32(dataAt - out.position).text('mdat');
  return { parts: [out.finish(), ...pieces.flatMap(({ parts }) => parts)], byteLength: dataAt, decodeTimes };
}

const defaultBaseIsMoof = 0x020000;

function writeTrackFragmentHeader(out: BoxWriter, track: number): void {
  out.fullBox('tfhd', 0, defaultBaseIsMoof, () => out.u32(trackId(track)));
}

function writeDecodeTime(out: BoxWriter, { track, samples }: FragmentPiece): TrackDecodeTime {
  const value = BigInt(samples[0]?.dts ?? 0);
  assert(value >= 0n, 'decode times in a file are not negative');
  const duration = samples.reduce((sum, sample) => sum + sample.duration, 0) as Ticks;
  let at = 0;
  out.fullBox('tfdt', 1, 0, () => {
    at = out.position;
    out.u64(value);
  });
  return { track, at, value, duration };
}

const trunFlags = { dataOffset: 0x1, duration: 0x100, size: 0x200, flags: 0x400, compositionOffset: 0x800 } as const;
/** sample_depends_on 2: on no other. */
const syncSample = 0x02000000;
/** sample_depends_on 1, sample_is_non_sync_sample. */
const dependentSample = 0x01010000;

/** Returns where the data offset must be filled in. Audio leaves out what is the same for all its samples by nature. */
function writeRun(out: BoxWriter, samples: readonly TimedSample[], video: boolean): number {
  const { dataOffset, duration, size, flags, compositionOffset } = trunFlags;
  const fields = dataOffset | duration | size | (video ? flags | compositionOffset : 0);
  let dataOffsetAt = 0;
  out.fullBox('trun', 1, fields, () => {
    out.u32(samples.length);
    dataOffsetAt = out.position;
    out.u32(0);
    for (const sample of samples) {
      out.u32(sample.duration).u32(sample.bytes);
      if (video) out.u32(sample.keyframe ? syncSample : dependentSample).u32(sample.compositionOffset);
    }
  });
  return dataOffsetAt;
}
