// ISO/IEC 14496-15 clause 5.3.3.1 (AVCDecoderConfigurationRecord) and 5.3.4.2 (length-prefixed NAL units).
import type { VideoTrack } from '../track.ts';
import { parseSps } from './h264-sps.ts';

/** Of the length in front of each NAL unit of a sample; `avcC` says the same. */
export const lengthBytes = 4;

/** Profiles whose record carries chroma format and bit depths. */
const extendedProfiles: ReadonlySet<number> = new Set([100, 110, 122, 144, 244]);

/** The `avcC` record of a track. */
export function avcDecoderConfiguration(track: Pick<VideoTrack, 'sps' | 'pps'>): Uint8Array {
  const [, profile = 0, constraints = 0, level = 0] = track.sps;
  const bytes = [1, profile, constraints, level, 0xfc | (lengthBytes - 1), 0xe0 | 1, ...lengthed(track.sps)];
  const pps = track.pps.slice(0, 255);
  bytes.push(pps.length, ...pps.flatMap(lengthed));
  const sps = parseSps(track.sps);
  if (sps !== undefined && extendedProfiles.has(profile)) {
    bytes.push(0xfc | sps.chromaFormat, 0xf8 | (sps.bitDepthLuma - 8), 0xf8 | (sps.bitDepthChroma - 8), 0);
  }
  return Uint8Array.from(bytes);
}

function lengthed(unit: Uint8Array): number[] {
  return [unit.length >> 8, unit.length & 255, ...unit];
}

/** The NAL units of a sample, as views; `undefined` when the lengths don't add up. */
export function splitLengthPrefixed(sample: Uint8Array): Uint8Array[] | undefined {
  const view = new DataView(sample.buffer, sample.byteOffset, sample.byteLength);
  const units: Uint8Array[] = [];
  let at = 0;
  while (at + lengthBytes <= sample.length) {
    const end = at + lengthBytes + view.getUint32(at);
    if (end > sample.length) return undefined;
    units.push(sample.subarray(at + lengthBytes, end));
    at = end;
  }
  return at === sample.length ? units : undefined;
}
