// A fragment in an index, little-endian, 64 bytes:
//
//    0  offset in the recording   u64        40  shift of its times  i64, 90 kHz
//    8  bytes                     u32        48  CRC-32 of its bytes u32
//   12  duration                  u32, 90 kHz  52  durable      u32
//   16  start                     i64, UTC   59  flags               u8
//   24  segment number            u64        60  CRC-32              u32
//   32  keyframe hash             8 bytes
//
// The closing record (closing.ts) has the same length and its kind at the same place, 58: 1 for a fragment, 2 for the closing. The record's
// CRC goes on from the header's: a record of another run, which a disk may show in a block that was never written, is none of this one.
import { type Ticks, ticks } from '../../units/ticks.ts';
import { crc32 } from './crc32.ts';
import { getHex, getWhole, setHex, setWhole, viewOf } from './fields.ts';

export const recordBytes = 64;

export interface FragmentRecord {
  /** Where its bytes lie in the recording, behind all earlier ones. */
  readonly offset: number;
  readonly length: number;
  /** UTC of its first picture's presentation (or of its first sound), 90 kHz. */
  readonly start: Ticks;
  /** 90 kHz. */
  readonly duration: Ticks;
  /** Of the live segment that it belongs to; absent where there was none, or it isn't known any more. */
  readonly segment: number | undefined;
  /** It is the first of that segment. */
  readonly beginsSegment: boolean;
  /** Decoding can begin with it: with a keyframe of the video, or there is no video to wait for. */
  readonly keyframe: boolean;
  /** So many of the run's first fragments, with their records, were on the disk for certain when this was written. */
  readonly durable: number;
  /** 64 bits, hexadecimal, of the keyframe that it begins with: the same in every server's recording of it. Empty when there is none. */
  readonly hash: string;
  /** What its times are later by than the tracks' origins say, 90 kHz: it was moved onto a predecessor's timeline. */
  readonly shift: Ticks;
  /** CRC-32 of its bytes. */
  readonly checksum: number;
}

export const recordKinds = { fragment: 1, closing: 2 } as const;
export const kindAt = 58;
const flagsAt = 59;
export const checksumAt = 60;
const flags = { beginsSegment: 1, keyframe: 2, segment: 4, hash: 8 } as const;
const hashDigits = 16;
/** Of offset, start, segment, shift. */
const wholeAt = [0, 16, 24, 40];

/** `seed`: the CRC of the index's header. */
export function encodeRecord(record: FragmentRecord, seed: number): Uint8Array {
  const bytes = new Uint8Array(recordBytes);
  const view = viewOf(bytes);
  setWhole(view, 0, record.offset);
  view.setUint32(8, record.length, true);
  view.setUint32(12, record.duration, true);
  setWhole(view, 16, record.start);
  setWhole(view, 24, record.segment ?? 0);
  setHex(view, 32, record.hash);
  setWhole(view, 40, record.shift);
  view.setUint32(48, record.checksum, true);
  view.setUint32(52, record.durable, true);
  bytes[kindAt] = recordKinds.fragment;
  bytes[flagsAt] =
    (record.beginsSegment ? flags.beginsSegment : 0) |
    (record.keyframe ? flags.keyframe : 0) |
    (record.segment === undefined ? 0 : flags.segment) |
    (record.hash === '' ? 0 : flags.hash);
  view.setUint32(checksumAt, crc32(bytes.subarray(0, checksumAt), seed), true);
  return bytes;
}

/** Whether there is a fragment's record of the index with this header. */
export function isRecord(bytes: Uint8Array, at: number, seed: number): boolean {
  const view = viewOf(bytes);
  return (
    view.getUint8(at + kindAt) === recordKinds.fragment &&
    crc32(bytes.subarray(at, at + checksumAt), seed) === view.getUint32(at + checksumAt, true) &&
    wholeAt.every((field) => getWhole(view, at + field) !== undefined)
  );
}

/** What a fragment begins. */
export interface FragmentMarks {
  readonly beginsSegment: boolean;
  readonly keyframe: boolean;
  /** The number of its segment is known. */
  readonly numbered: boolean;
}

/** Of bytes that hold one. */
export function readRecord(view: DataView, at: number): FragmentRecord {
  const [offset = 0, start = 0, segment = 0, shift = 0] = wholeAt.map((field) => getWhole(view, at + field));
  const { beginsSegment, keyframe, numbered } = readMarks(view, at);
  return {
    offset,
    length: view.getUint32(at + 8, true),
    start: ticks(start),
    duration: ticks(view.getUint32(at + 12, true)),
    segment: numbered ? segment : undefined,
    beginsSegment,
    keyframe,
    durable: view.getUint32(at + 52, true),
    hash: readHash(view, at),
    shift: ticks(shift),
    checksum: view.getUint32(at + 48, true),
  };
}

export function readMarks(view: DataView, at: number): FragmentMarks {
  const set = view.getUint8(at + flagsAt);
  return {
    beginsSegment: (set & flags.beginsSegment) !== 0,
    keyframe: (set & flags.keyframe) !== 0,
    numbered: (set & flags.segment) !== 0,
  };
}

/** Empty when it has none. */
export function readHash(view: DataView, at: number): string {
  return (view.getUint8(at + flagsAt) & flags.hash) === 0 ? '' : getHex(view, at + 32, hashDigits / 2);
}
