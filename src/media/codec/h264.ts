// ITU-T H.264: NAL unit types (table 7-1), slice headers (7.3.3), recovery point SEI (D.1.8).
//
// isParameterSet, startsAccessUnit, sliceHeader: for who splits a byte stream or gathers packets.
// pictureStart(units): where decoding can start. isLeadingPicture(frame, start): what must be dropped behind such a start.
import { BitReader } from '../bits.ts';
import type { Frame } from '../frame.ts';
import { withoutEmulationPrevention } from './rbsp.ts';

export const nal = {
  slice: 1,
  partitionA: 2,
  idr: 5,
  sei: 6,
  sps: 7,
  pps: 8,
  delimiter: 9,
  endOfSequence: 10,
  endOfStream: 11,
  filler: 12,
} as const;

export function nalType(unit: Uint8Array): number {
  return (unit[0] ?? 0) & 31;
}

/** Coded slices: the units that make a picture. */
export function isVcl(type: number): boolean {
  return type >= 1 && type <= 5;
}

/**
 * Whether a unit opens a new access unit, given that the current one has a slice already (clause 7.4.1.2.3).
 * `second` is the byte after the NAL header: its first bit is set exactly when first_mb_in_slice is 0.
 */
export function startsAccessUnit(type: number, second: number): boolean {
  if (type === nal.slice || type === nal.idr || type === nal.partitionA) return second >= 128;
  return (type >= nal.sei && type <= nal.delimiter) || (type >= 14 && type <= 18);
}

export interface SliceHeader {
  readonly firstMb: number;
  /** 0 P, 1 B, 2 I, 3 SP, 4 SI. */
  readonly type: number;
  readonly pps: number;
}

/** Enough for three codes of any length that isn't damage, with room for emulation prevention. */
const sliceHeaderBytes = 24;

export function sliceHeader(unit: Uint8Array): SliceHeader {
  const bits = new BitReader(withoutEmulationPrevention(unit.subarray(1, sliceHeaderBytes)));
  return { firstMb: bits.ue(), type: bits.ue() % 5, pps: bits.ue() };
}

/**
 * Whether and how decoding can start with an access unit.
 * `idr`: nothing behind it refers to anything in front. `recovery-point`: an open GOP (or gradual refresh): what is shown from here on is
 * right, but leading pictures may refer to the GOP before. `intra`: a non-IDR picture of I slices alone, which announces nothing.
 */
export type PictureStart = 'idr' | 'recovery-point' | 'intra' | 'none';

export function pictureStart(units: readonly Uint8Array[]): PictureStart {
  let recovery = false;
  let slices = false;
  let intra = true;
  for (const unit of units) {
    const type = nalType(unit);
    if (type === nal.idr) return 'idr';
    if (type === nal.sei && !slices) recovery ||= hasRecoveryPoint(unit);
    if (type === nal.slice || type === nal.partitionA) {
      slices = true;
      intra &&= sliceHeader(unit).type === 2;
      if (!intra) break;
    }
  }
  if (!slices) return 'none';
  if (recovery) return 'recovery-point';
  return intra ? 'intra' : 'none';
}

/**
 * Whether a decoder may be started here. Broadcasters who send neither IDR nor recovery points still repeat the
 * parameter sets where one should tune in.
 */
export function isKeyframe(units: readonly Uint8Array[]): boolean {
  const start = pictureStart(units);
  return start === 'idr' || start === 'recovery-point' || (start === 'intra' && units.some(isSps));
}

/**
 * Whether a frame is decoded after `start` but shown before it: when decoding began at `start`, its references are missing.
 * Cannot happen behind an IDR of a sound stream.
 */
export function isLeadingPicture(frame: Pick<Frame, 'dts' | 'pts'>, start: Pick<Frame, 'dts' | 'pts'>): boolean {
  return frame.dts > start.dts && frame.pts < start.pts;
}

export function isSps(unit: Uint8Array): boolean {
  return nalType(unit) === nal.sps;
}

export function isPps(unit: Uint8Array): boolean {
  return nalType(unit) === nal.pps;
}

const recoveryPointPayload = 6;

function hasRecoveryPoint(unit: Uint8Array): boolean {
  const sei = withoutEmulationPrevention(unit);
  let at = 1;
  // Behind the last message stand the rbsp trailing bits, 0x80.
  while (at + 2 < sei.length) {
    let type = 0;
    while (sei[at] === 255) {
      type += 255;
      at += 1;
    }
    type += sei[at++] ?? 0;
    let size = 0;
    while (sei[at] === 255) {
      size += 255;
      at += 1;
    }
    size += sei[at++] ?? 0;
    if (type === recoveryPointPayload) return true;
    at += size;
  }
  return false;
}
