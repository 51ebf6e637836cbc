// ISO/IEC 14496-15 clause 5.3.2 (H.264) and ISO/IEC 14496-14 (AAC): the bytes of a frame as a file has them.
//
//   const units = sampleUnits(frame, track);
//   const end = putSample(units, track, out, at);    takes sampleLength(units, track) bytes
//   unitsOf(sample, track)                           the units again, as views
import { lengthBytes, splitLengthPrefixed } from '../codec/avcc.ts';
import { nal, nalType } from '../codec/h264.ts';
import { missingParameterSets } from '../codec/h264-access-unit.ts';
import type { Frame } from '../frame.ts';
import type { Track } from '../track.ts';

/** What of a frame goes into the sample, in order; the parameter sets in front of a keyframe that lacks them. */
export function sampleUnits(frame: Pick<Frame, 'keyframe' | 'units'>, track: Track): readonly Uint8Array[] {
  if (track.kind !== 'video') return frame.units;
  const missing = missingParameterSets(frame, track);
  if (missing.length === 0 && frame.units.every(belongsInSample)) return frame.units;
  return [...missing, ...frame.units.filter(belongsInSample)];
}

/** The units that a sample was laid out from. */
export function unitsOf(sample: Uint8Array, track: Track): readonly Uint8Array[] {
  return track.kind === 'video' ? (splitLengthPrefixed(sample) ?? []) : [sample];
}

export function sampleLength(units: readonly Uint8Array[], track: Track): number {
  let length = track.kind === 'video' ? units.length * lengthBytes : 0;
  for (const unit of units) length += unit.length;
  return length;
}

/** Returns where the sample ends. */
export function putSample(units: readonly Uint8Array[], track: Track, out: Uint8Array, at: number): number {
  let end = at;
  for (const unit of units) {
    if (track.kind === 'video') {
      out[end] = unit.length >>> 24;
      out[end + 1] = unit.length >>> 16;
      out[end + 2] = unit.length >>> 8;
      out[end + 3] = unit.length;
      end += lengthBytes;
    }
    out.set(unit, end);
    end += unit.length;
  }
  return end;
}

/** What a byte stream needs to find access units, or pads with, has no place in samples. */
function belongsInSample(unit: Uint8Array): boolean {
  const type = nalType(unit);
  return type !== nal.delimiter && type !== nal.filler;
}
