// ITU-T H.264 clauses 7.3.2.1.1 (seq_parameter_set_data) and E.1.1 (vui_parameters).
import { BitReader } from '../bits.ts';
import { withoutEmulationPrevention } from './rbsp.ts';

export interface H264Sps {
  readonly id: number;
  readonly profile: number;
  /** constraint_set0_flag is the highest bit. */
  readonly constraints: number;
  readonly level: number;
  readonly chromaFormat: number;
  readonly bitDepthLuma: number;
  readonly bitDepthChroma: number;
  readonly separateColourPlanes: boolean;
  /** Bits of frame_num in slice headers. */
  readonly frameNumBits: number;
  /** Without it, pictures may be single fields. */
  readonly frameMbsOnly: boolean;
  /** Cropped luma samples. */
  readonly width: number;
  readonly height: number;
  /** Width to height of one sample; absent when unspecified. */
  readonly sampleAspectRatio: readonly [number, number] | undefined;
  /** Frames a second, from the VUI timing. */
  readonly frameRate: number | undefined;
  /** max_num_reorder_frames, when the VUI restricts it; 0 means that presentation follows decoding. */
  readonly reorderFrames: number | undefined;
}

/** Profiles whose SPS has the chroma and scaling part. */
const highProfiles: ReadonlySet<number> = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);
/** Level 6.2 allows 139,264 macroblocks and at most sqrt(8 · that) in one direction (table A-1). */
const largestMacroblocks = 1056;
/** More than that is not a display's rate but damage. */
const largestFrameRate = 1000;

/** `unit`: the NAL unit without start code. `undefined` when it is no SPS that can be understood. */
export function parseSps(unit: Uint8Array): H264Sps | undefined {
  if (unit.length < 5 || (unit[0] ?? 0) % 32 !== 7) return undefined;
  const bits = new BitReader(withoutEmulationPrevention(unit));
  bits.skip(8);
  const profile = bits.bits(8);
  const constraints = bits.bits(8);
  const level = bits.bits(8);
  const id = bits.ue();
  const chroma = highProfiles.has(profile) ? readChroma(bits) : plainChroma;
  const frameNumBits = bits.ue() + 4;
  skipPictureOrder(bits);
  bits.ue(); // max_num_ref_frames
  bits.skip(1);
  const size = readSize(bits, chroma.separateColourPlanes ? 0 : chroma.chromaFormat);
  if (size === undefined || id > 31 || frameNumBits > 16 || chroma.chromaFormat > 3 || bits.exhausted) return undefined;
  return { id, profile, constraints, level, ...chroma, frameNumBits, ...size, ...readVui(bits) };
}

const plainChroma = { chromaFormat: 1, separateColourPlanes: false, bitDepthLuma: 8, bitDepthChroma: 8 };

function readChroma(bits: BitReader): typeof plainChroma {
  const chromaFormat = bits.ue();
  const separateColourPlanes = chromaFormat === 3 && bits.flag();
  const bitDepthLuma = bits.ue() + 8;
  const bitDepthChroma = bits.ue() + 8;
  bits.skip(1); // qpprime_y_zero_transform_bypass_flag
  if (bits.flag()) {
    const lists = chromaFormat === 3 ? 12 : 8;
    for (let i = 0; i < lists; i++) if (bits.flag()) skipScalingList(bits, i < 6 ? 16 : 64);
  }
  return { chromaFormat, separateColourPlanes, bitDepthLuma, bitDepthChroma };
}

function skipScalingList(bits: BitReader, size: number): void {
  let last = 8;
  let next = 8;
  for (let i = 0; i < size; i++) {
    if (next !== 0) next = (last + bits.se() + 256) % 256;
    last = next === 0 ? last : next;
  }
}

function skipPictureOrder(bits: BitReader): void {
  const type = bits.ue();
  if (type === 0) {
    bits.ue();
  } else if (type === 1) {
    bits.skip(1);
    bits.se();
    bits.se();
    const cycle = Math.min(bits.ue(), 255);
    for (let i = 0; i < cycle; i++) bits.se();
  }
}

function readSize(
  bits: BitReader,
  chromaArrayType: number,
): { width: number; height: number; frameMbsOnly: boolean } | undefined {
  const columns = bits.ue() + 1;
  const mapRows = bits.ue() + 1;
  const frameMbsOnly = bits.flag();
  const rows = frameMbsOnly ? mapRows : mapRows * 2;
  if (!frameMbsOnly) bits.skip(1); // mb_adaptive_frame_field_flag
  bits.skip(1); // direct_8x8_inference_flag
  let width = columns * 16;
  let height = rows * 16;
  if (bits.flag()) {
    const unitX = chromaArrayType === 1 || chromaArrayType === 2 ? 2 : 1;
    const unitY = (chromaArrayType === 1 ? 2 : 1) * (frameMbsOnly ? 1 : 2);
    width -= unitX * (bits.ue() + bits.ue());
    height -= unitY * (bits.ue() + bits.ue());
  }
  const plausible = columns <= largestMacroblocks && rows <= largestMacroblocks && width > 0 && height > 0;
  return plausible ? { width, height, frameMbsOnly } : undefined;
}

type Vui = Pick<H264Sps, 'sampleAspectRatio' | 'frameRate' | 'reorderFrames'>;

const noVui: Vui = { sampleAspectRatio: undefined, frameRate: undefined, reorderFrames: undefined };

/** A VUI that ends too early (some cameras cut it) counts as none: the picture is known without it. */
function readVui(bits: BitReader): Vui {
  if (!bits.flag()) return noVui;
  const sampleAspectRatio = bits.flag() ? readAspectRatio(bits) : undefined;
  if (bits.flag()) bits.skip(1); // overscan
  if (bits.flag()) {
    bits.skip(4); // video_format, video_full_range_flag
    if (bits.flag()) bits.skip(24); // colour description
  }
  if (bits.flag()) {
    bits.ue();
    bits.ue();
  }
  const frameRate = bits.flag() ? readFrameRate(bits) : undefined;
  if (bits.exhausted) return noVui;
  return { sampleAspectRatio, frameRate, reorderFrames: readReorder(bits) };
}

/** Table E-1, sample_aspect_ratio by aspect_ratio_idc. */
const aspectRatios: readonly (readonly [number, number] | undefined)[] = [
  undefined,
  [1, 1],
  [12, 11],
  [10, 11],
  [16, 11],
  [40, 33],
  [24, 11],
  [20, 11],
  [32, 11],
  [80, 33],
  [18, 11],
  [15, 11],
  [64, 33],
  [160, 99],
  [4, 3],
  [3, 2],
  [2, 1],
];

function readAspectRatio(bits: BitReader): readonly [number, number] | undefined {
  const idc = bits.bits(8);
  if (idc !== 255) return aspectRatios[idc];
  const width = bits.bits(16);
  const height = bits.bits(16);
  return width > 0 && height > 0 ? [width, height] : undefined;
}

function readFrameRate(bits: BitReader): number | undefined {
  const unitsInTick = bits.bits(32);
  const timeScale = bits.bits(32);
  bits.skip(1); // fixed_frame_rate_flag
  const rate = timeScale / (2 * unitsInTick);
  return rate > 0 && rate <= largestFrameRate ? rate : undefined;
}

function readReorder(bits: BitReader): number | undefined {
  const nal = bits.flag();
  if (nal) skipHrd(bits);
  const vcl = bits.flag();
  if (vcl) skipHrd(bits);
  if (nal || vcl) bits.skip(1); // low_delay_hrd_flag
  bits.skip(1); // pic_struct_present_flag
  if (!bits.flag()) return undefined;
  bits.skip(1); // motion_vectors_over_pic_boundaries_flag
  for (let i = 0; i < 4; i++) bits.ue();
  const reorder = bits.ue();
  return bits.exhausted || reorder > 16 ? undefined : reorder;
}

function skipHrd(bits: BitReader): void {
  const schedules = Math.min(bits.ue() + 1, 32);
  bits.skip(8);
  for (let i = 0; i < schedules; i++) {
    bits.ue();
    bits.ue();
    bits.skip(1);
  }
  bits.skip(20);
}
