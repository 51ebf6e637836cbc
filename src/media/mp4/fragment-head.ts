// ISO/IEC 14496-12 clause 8.8, read back: what the `moof` of a fragment says of its times. As fragment.ts writes it, with a duration and size
// for every sample.
import { type Ticks, ticks } from '../../units/ticks.ts';
import { type Box, readBoxes } from './box-reader.ts';
import type { DecodeTime } from './decode-time.ts';

/** One track's part of a fragment; times in the track's timescale, as the file has them. */
export interface FragmentTrack {
  /** `track_ID`. */
  readonly id: number;
  /** Where the decode time stands, from the beginning of the `moof`. */
  readonly decodeTime: DecodeTime;
  /** Presentation of the first sample, in the order of the file. */
  readonly start: Ticks;
  /** Where the last in presentation order ends. */
  readonly end: Ticks;
  /** Decoding may begin with the first sample. */
  readonly keyframe: boolean;
}

/** Of bytes that begin with a whole `moof`; undefined when they don't, or when it is none that this project writes. */
export function readFragmentHead(bytes: Uint8Array): readonly FragmentTrack[] | undefined {
  const [moof] = readBoxes(bytes);
  if (moof?.type !== 'moof') return undefined;
  const tracks = readBoxes(bytes, moof.content, moof.end)
    .filter(({ type }) => type === 'traf')
    .map((box) => readTrack(bytes, box));
  const known = tracks.filter((track) => track !== undefined);
  return known.length > 0 && known.length === tracks.length ? known : undefined;
}

function readTrack(bytes: Uint8Array, traf: Box): FragmentTrack | undefined {
  const inside = readBoxes(bytes, traf.content, traf.end);
  const [header, time, run] = ['tfhd', 'tfdt', 'trun'].map((type) => inside.find((box) => box.type === type));
  if (header === undefined || time === undefined || run === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = time.content + 4;
  if (header.end - header.content < 8 || time.end - at < 8 || bytes[time.content] !== 1) return undefined;
  const value = view.getBigUint64(at);
  const samples = value > Number.MAX_SAFE_INTEGER ? undefined : readRun(view, run, Number(value));
  if (samples === undefined) return undefined;
  return { id: view.getUint32(header.content + 4), decodeTime: { at, value }, ...samples };
}

/** tr_flags: what there is of every sample, each 32 bits, in this order. */
const perSample = { duration: 0x100, size: 0x200, flags: 0x400, compositionOffset: 0x800 } as const;
/** Once, in front of the samples. */
const dataOffset = 0x1;
const firstSampleFlags = 0x4;
const notSync = 0x10000;

function readRun(
  view: DataView,
  run: Box,
  decodeTime: number,
): Pick<FragmentTrack, 'start' | 'end' | 'keyframe'> | undefined {
  if (run.end - run.content < 8) return undefined;
  const fields = view.getUint32(run.content) & 0xffffff;
  const count = view.getUint32(run.content + 4);
  const has = (flag: number): number => ((fields & flag) === 0 ? 0 : 4);
  const first = run.content + 8 + has(dataOffset) + has(firstSampleFlags);
  const stride = Object.values(perSample).reduce((sum, flag) => sum + has(flag), 0);
  if (has(perSample.duration) === 0 || has(perSample.size) === 0) return undefined;
  if (count === 0 || first + count * stride > run.end) return undefined;
  const flagsAt = has(perSample.duration) + has(perSample.size);
  const offsetAt = flagsAt + has(perSample.flags);
  let dts = decodeTime;
  let end = Number.NEGATIVE_INFINITY;
  const pts = (at: number): number => dts + (has(perSample.compositionOffset) === 0 ? 0 : view.getInt32(at + offsetAt));
  const start = pts(first);
  for (let at = first; at < first + count * stride; at += stride) {
    const duration = view.getUint32(at);
    end = Math.max(end, pts(at) + duration);
    dts += duration;
  }
  const keyframe = has(perSample.flags) === 0 || (view.getUint32(first + flagsAt) & notSync) === 0;
  return { start: ticks(start), end: ticks(end), keyframe };
}
