// ITU-T H.264 clauses 7.3.3 (field_pic_flag) and 7.4.1.2.4 (what the fields of one frame have in common).
import { BitReader } from '../bits.ts';
import { isVcl, nal, nalType } from './h264.ts';
import type { H264Sps } from './h264-sps.ts';
import { withoutEmulationPrevention } from './rbsp.ts';

/** An access unit that holds a single field: every other line of a frame. */
export interface FieldPicture {
  readonly frameNum: number;
  readonly bottom: boolean;
  readonly idr: boolean;
}

/** Three codes, frame_num and two flags, with room for emulation prevention. */
const headerBytes = 32;

/** What the first slice says; `undefined` when the picture is a whole frame. */
export function fieldPicture(units: readonly Uint8Array[], sps: H264Sps): FieldPicture | undefined {
  if (sps.frameMbsOnly) return undefined;
  const slice = units.find((unit) => isVcl(nalType(unit)));
  if (slice === undefined) return undefined;
  const bits = new BitReader(withoutEmulationPrevention(slice.subarray(1, headerBytes)));
  bits.ue(); // first_mb_in_slice
  bits.ue(); // slice_type
  bits.ue(); // pic_parameter_set_id
  if (sps.separateColourPlanes) bits.skip(2);
  const frameNum = bits.bits(sps.frameNumBits);
  if (!bits.flag()) return undefined;
  return { frameNum, bottom: bits.flag(), idr: nalType(slice) === nal.idr };
}

/** Whether a field completes the frame that the field in front of it began. */
export function isSecondField(first: FieldPicture, second: FieldPicture): boolean {
  return first.frameNum === second.frameNum && first.bottom !== second.bottom && !second.idr;
}
