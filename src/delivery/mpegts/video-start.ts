// ISO/IEC 13818-1 clauses 2.4.3.2 (packet), 2.4.3.4 (adaptation field) and 2.4.3.6 (PES header), as far as a relay must know them:
// where a picture begins, when it is due and whether a decoder may start there. Reads what this project's muxer writes, whose PES header
// never spans packets; anything else has no picture for it.

import { readTimestamp, timestampWrap } from '../../media/mpegts/timestamp.ts';
import { packetBytes, syncByte } from '../../media/mpegts/ts-packet.ts';

/** The first packet of a video access unit. */
export interface VideoStart {
  /** 33 bits of 90 kHz. */
  readonly dts: number;
  readonly keyframe: boolean;
}

/** To the DTS of a PES header. */
const headerBytes = 19;

/** Of the packet at `at`; undefined when no video access unit begins in it. */
export function videoStart(bytes: Uint8Array, at: number): VideoStart | undefined {
  if (bytes[at] !== syncByte || (byte(bytes, at + 1) & 0x40) === 0) return undefined;
  const control = byte(bytes, at + 3) >> 4;
  const adaptation = (control & 2) === 0 ? 0 : 1 + byte(bytes, at + 4);
  const pes = at + 4 + adaptation;
  if ((control & 1) === 0 || pes + headerBytes > at + packetBytes) return undefined;
  if (bytes[pes] !== 0 || bytes[pes + 1] !== 0 || bytes[pes + 2] !== 1 || byte(bytes, pes + 3) >> 4 !== 0xe)
    return undefined;
  const times = byte(bytes, pes + 7) >> 6;
  if (times < 2) return undefined;
  const keyframe = adaptation > 1 && (byte(bytes, at + 5) & 0x40) !== 0;
  return { dts: readTimestamp(bytes, pes + (times === 3 ? 14 : 9)), keyframe };
}

/** Of all pictures that begin in whole packets, the last one's time. */
export function lastVideoTime(packets: Uint8Array): number | undefined {
  for (let at = packets.length - packetBytes; at >= 0; at -= packetBytes) {
    const start = videoStart(packets, at);
    if (start !== undefined) return start.dts;
  }
  return undefined;
}

/** The first picture's time: of a chunk that begins with a keyframe, that keyframe's. */
export function firstVideoTime(packets: Uint8Array): number | undefined {
  for (let at = 0; at + packetBytes <= packets.length; at += packetBytes) {
    const start = videoStart(packets, at);
    if (start !== undefined) return start.dts;
  }
  return undefined;
}

/** From `earlier` to `later` in 90 kHz ticks, across the wrap of 33 bits; negative when they are the other way round. */
export function timeBetween(earlier: number, later: number): number {
  const difference = (((later - earlier) % timestampWrap) + timestampWrap) % timestampWrap;
  return difference >= timestampWrap / 2 ? difference - timestampWrap : difference;
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}
