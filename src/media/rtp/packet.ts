// RFC 3550 clause 5.1: the RTP fixed header, contributing sources, extension and padding.

export const rtpHeaderBytes = 12;

/** One header, read into the same object again and again: at tens of thousands of packets a second an object each would be felt. */
export class RtpPacket {
  marker = false;
  payloadType = 0;
  sequence = 0;
  timestamp = 0;
  ssrc = 0;
  /** The payload is `bytes[payloadFrom, payloadTo)` of what was read. */
  payloadFrom = 0;
  payloadTo = 0;

  /** False when `bytes[from, to)` is no RTP packet; the fields are then undefined. */
  read(bytes: Uint8Array, from: number, to: number): boolean {
    if (to - from < rtpHeaderBytes) return false;
    const flags = bytes[from] ?? 0;
    if (flags >> 6 !== 2) return false;
    const second = bytes[from + 1] ?? 0;
    this.marker = second >= 128;
    this.payloadType = second & 127;
    this.sequence = word(bytes, from + 2);
    this.timestamp = long(bytes, from + 4);
    this.ssrc = long(bytes, from + 8);
    this.payloadFrom = from + rtpHeaderBytes + 4 * (flags & 15);
    if ((flags & 0x10) !== 0) this.payloadFrom += 4 + 4 * word(bytes, this.payloadFrom + 2);
    this.payloadTo = (flags & 0x20) !== 0 ? to - (bytes[to - 1] ?? 0) : to;
    return this.payloadFrom <= this.payloadTo && this.payloadTo <= to;
  }
}

export interface RtpHeader {
  readonly marker: boolean;
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
}

/** Writes a header without extensions at `at`. */
export function writeRtpHeader(out: Uint8Array, at: number, header: RtpHeader): void {
  out[at] = 0x80;
  out[at + 1] = (header.marker ? 128 : 0) | header.payloadType;
  writeWord(out, at + 2, header.sequence);
  writeLong(out, at + 4, header.timestamp);
  writeLong(out, at + 8, header.ssrc);
}

export function writeWord(out: Uint8Array, at: number, value: number): void {
  out[at] = (value >> 8) & 255;
  out[at + 1] = value & 255;
}

export function writeLong(out: Uint8Array, at: number, value: number): void {
  out[at] = (value >>> 24) & 255;
  out[at + 1] = (value >>> 16) & 255;
  out[at + 2] = (value >>> 8) & 255;
  out[at + 3] = value & 255;
}

export function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

export function long(bytes: Uint8Array, at: number): number {
  return word(bytes, at) * 65_536 + word(bytes, at + 2);
}
