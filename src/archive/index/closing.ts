// The last record of an index, written when everything before it is on the disk; little-endian, 64 bytes as the others:
//
//    0  bytes of the recording    u64         56  why it ended   u8
//    8  start of the first fragment i64, UTC  57  holes          u8, 1 when there are any
//   16  end of the last           i64, UTC    58  kind           u8, 2
//   24  SHA-256 of the index before this      59  zero
//       record, 32 bytes                      60  CRC-32         u32
//
// It alone says what a catalogue must know of a run, so that a start reads the ends of indexes only. Its CRC stands for itself therefore.
import { type Ticks, ticks } from '../../units/ticks.ts';
import { crc32 } from './crc32.ts';
import { getHex, getWhole, setHex, setWhole, viewOf } from './fields.ts';
import { checksumAt, kindAt, recordBytes, recordKinds } from './record.ts';

export interface Closing {
  /** Of the recording. */
  readonly bytes: number;
  readonly start: Ticks;
  readonly end: Ticks;
  /** SHA-256 of the index before this record, hexadecimal; with the checksums in it, of all that was recorded. */
  readonly digest: string;
  readonly reason: EndReason;
  /** Something between start and end is missing: the fragments tell where. */
  readonly holes: boolean;
}

/**
 * Codes never change their meaning. `hour`: a run is no longer. `parameters`: other codec parameters follow. `hole`: frames are missing
 * behind it. `write-failed`: the disk took no more. `handover`: another server goes on, or a new run on its timeline. `stopped`: nothing
 * follows. `recovered`: its recorder died, the end was found by the next start. `rebuilt`: the index was lost and made anew.
 */
const reasons = [
  'other',
  'hour',
  'parameters',
  'hole',
  'write-failed',
  'handover',
  'stopped',
  'recovered',
  'rebuilt',
] as const;
export type EndReason = (typeof reasons)[number];
export const endReasons: readonly EndReason[] = reasons;

const digestBytes = 32;

export function encodeClosing(closing: Closing): Uint8Array {
  const bytes = new Uint8Array(recordBytes);
  const view = viewOf(bytes);
  setWhole(view, 0, closing.bytes);
  setWhole(view, 8, closing.start);
  setWhole(view, 16, closing.end);
  setHex(view, 24, closing.digest);
  bytes[56] = reasons.indexOf(closing.reason);
  bytes[57] = closing.holes ? 1 : 0;
  bytes[kindAt] = recordKinds.closing;
  view.setUint32(checksumAt, crc32(bytes.subarray(0, checksumAt)), true);
  return bytes;
}

/** Of the last bytes of an index; undefined when they are no closing record. */
export function decodeClosing(bytes: Uint8Array): Closing | undefined {
  const view = viewOf(bytes);
  if (bytes.length !== recordBytes || view.getUint8(kindAt) !== recordKinds.closing) return undefined;
  if (crc32(bytes.subarray(0, checksumAt)) !== view.getUint32(checksumAt, true)) return undefined;
  const [length, start, end] = [0, 8, 16].map((at) => getWhole(view, at));
  if (length === undefined || start === undefined || end === undefined) return undefined;
  return {
    bytes: length,
    start: ticks(start),
    end: ticks(end),
    digest: getHex(view, 24, digestBytes),
    // A later version's reason.
    reason: reasons[view.getUint8(56)] ?? 'other',
    holes: view.getUint8(57) !== 0,
  };
}
