// ISO/IEC 13818-1 clauses 2.4.3.2 (packet), 2.4.3.4 (adaptation field) and 2.4.3.6 (PES header), as far as a relay must know them:
// where an access unit begins, when it is due and whether a decoder may start there. Reads what this project's muxer writes, whose PES
// header never spans packets and whose units never mingle; in anything else no unit begins for it.
import { readTimestamp, timestampWrap } from '../../media/mpegts/timestamp.ts';
import { packetBytes, syncByte } from '../../media/mpegts/ts-packet.ts';

/** The first packet of an access unit. */
export interface UnitStart {
  readonly pid: number;
  readonly video: boolean;
  /** 33 bits of 90 kHz. */
  readonly dts: number;
  /** Of video: a decoder may start here. */
  readonly keyframe: boolean;
}

/** To the end of the DTS in a PES header, or of the PTS. */
const headerBytes = { ptsAndDts: 19, pts: 14 };

/** Of the packet at `at`; undefined when no access unit begins in it. */
export function unitStart(bytes: Uint8Array, at: number): UnitStart | undefined {
  if (bytes[at] !== syncByte || (byte(bytes, at + 1) & 0x40) === 0) return undefined;
  const control = byte(bytes, at + 3) >> 4;
  const adaptation = (control & 2) === 0 ? 0 : 1 + byte(bytes, at + 4);
  const pes = at + 4 + adaptation;
  const end = at + packetBytes;
  if ((control & 1) === 0 || pes + headerBytes.pts > end) return undefined;
  if (bytes[pes] !== 0 || bytes[pes + 1] !== 0 || bytes[pes + 2] !== 1) return undefined;
  const streamId = byte(bytes, pes + 3);
  const times = byte(bytes, pes + 7) >> 6;
  if (streamId < 0xc0 || streamId > 0xef || times < 2) return undefined;
  if (times === 3 && pes + headerBytes.ptsAndDts > end) return undefined;
  const video = streamId >= 0xe0;
  return {
    pid: pidOf(bytes, at),
    video,
    dts: readTimestamp(bytes, pes + (times === 3 ? 14 : 9)),
    keyframe: video && adaptation > 1 && (byte(bytes, at + 5) & 0x40) !== 0,
  };
}

/** Of the packet at `at`. */
export function pidOf(bytes: Uint8Array, at: number): number {
  return ((byte(bytes, at + 1) & 31) << 8) | byte(bytes, at + 2);
}

/** The access units that begin in whole packets, in their order. */
export function* unitStarts(packets: Uint8Array): Generator<UnitStart> {
  for (let at = 0; at + packetBytes <= packets.length; at += packetBytes) {
    const start = unitStart(packets, at);
    if (start !== undefined) yield start;
  }
}

/** The first picture that begins in whole packets: of a chunk that begins with a keyframe, that keyframe. */
export function firstPicture(packets: Uint8Array): UnitStart | undefined {
  for (const start of unitStarts(packets)) if (start.video) return start;
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
