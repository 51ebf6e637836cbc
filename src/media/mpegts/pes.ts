// ISO/IEC 13818-1 clause 2.4.3.6: PES packets.
import { readTimestamp, writeTimestamp } from './timestamp.ts';

/** Raw 33-bit times of the first access unit that begins in a packet. */
export interface PesTime {
  readonly pts: number;
  readonly dts: number;
}

/** Takes the payload of PES packets as it comes, in views that are valid during the call. */
export interface PesSink {
  /** The payload of a new packet follows; `undefined`: it has no timestamps. */
  begin(time: PesTime | undefined): void;
  data(bytes: Uint8Array, from: number, to: number): void;
  /** Bytes are missing here. */
  lost(): void;
  /** A packet's length promised more than came. */
  truncated(missing: number): void;
}

/** To PES_header_data_length, which tells the rest of the header's length. */
const fixedHeader = 9;
const largestHeader = fixedHeader + 255;

/** Takes the headers off the PES packets of one PID. Holds one header at most; the payload passes through. */
export class PesReader {
  readonly #sink: PesSink;
  readonly #header = new Uint8Array(largestHeader);
  #headerBytes = 0;
  #state: 'idle' | 'header' | 'payload' = 'idle';
  /** Payload bytes still to come; infinite for video of unbounded length. */
  #remaining = 0;

  constructor(sink: PesSink) {
    this.#sink = sink;
  }

  packet(bytes: Uint8Array, from: number, to: number, unitStart: boolean): void {
    if (unitStart) {
      this.#finish();
      this.#state = 'header';
      this.#headerBytes = 0;
    }
    if (this.#state === 'payload') this.#payload(bytes, from, to);
    else if (this.#state === 'header') this.#readHeader(bytes, from, to);
  }

  /**
   * Packets are missing in front of the next one. The packet that was begun is whole if all that it promised has come;
   * one that promised nothing counts as whole when a new one begins behind the gap. Nothing is taken before that.
   */
  lost(unitStart: boolean): void {
    const bounded = Number.isFinite(this.#remaining);
    const whole = this.#state === 'payload' && (bounded ? this.#remaining === 0 : unitStart);
    if (!whole) this.#sink.lost();
    this.#state = 'idle';
    this.#remaining = 0;
  }

  flush(): void {
    this.#finish();
    this.#state = 'idle';
  }

  #finish(): void {
    const missing = this.#state === 'payload' && Number.isFinite(this.#remaining) ? this.#remaining : 0;
    if (missing > 0) this.#sink.truncated(missing);
    this.#remaining = 0;
  }

  #payload(bytes: Uint8Array, from: number, to: number): void {
    const end = Math.min(to, from + this.#remaining);
    if (end <= from) return;
    this.#remaining -= end - from;
    this.#sink.data(bytes, from, end);
  }

  /** The header is read in place unless it spans packets. */
  #readHeader(bytes: Uint8Array, from: number, to: number): void {
    if (this.#headerBytes === 0) {
      const used = this.#begin(bytes, from, to);
      if (used >= 0) {
        this.#afterHeader(bytes, from + used, to);
        return;
      }
    }
    const before = this.#headerBytes;
    const taken = Math.min(to - from, largestHeader - before);
    this.#header.set(bytes.subarray(from, from + taken), before);
    this.#headerBytes = before + taken;
    const used = this.#begin(this.#header, 0, this.#headerBytes);
    if (used >= 0) this.#afterHeader(bytes, from + used - before, to);
  }

  #afterHeader(bytes: Uint8Array, from: number, to: number): void {
    if (this.#state === 'payload') this.#payload(bytes, from, to);
  }

  /** Returns the length of the header, or -1 when more of it must come. Leaves the state `payload`, or `idle` if it can't be used. */
  #begin(bytes: Uint8Array, at: number, to: number): number {
    const available = to - at;
    if (available < fixedHeader) return -1;
    const length = fixedHeader + (bytes[at + 8] as number);
    if (bytes[at] !== 0 || bytes[at + 1] !== 0 || bytes[at + 2] !== 1 || !hasHeader(bytes[at + 3] as number)) {
      this.#state = 'idle';
      return length;
    }
    if (available < length) return -1;
    const packetLength = ((bytes[at + 4] as number) << 8) | (bytes[at + 5] as number);
    this.#remaining = packetLength === 0 ? Number.POSITIVE_INFINITY : Math.max(0, packetLength + 6 - length);
    this.#state = 'payload';
    this.#sink.begin(readTimes(bytes, at, length));
    return length;
  }
}

/** Streams of these ids have bytes without a header: padding, private stream 2, ECM, EMM, DSM-CC, maps and directories. */
const headerless: ReadonlySet<number> = new Set([0xbc, 0xbe, 0xbf, 0xf0, 0xf1, 0xf2, 0xf8, 0xff]);

function hasHeader(streamId: number): boolean {
  return streamId >= 0xbd && !headerless.has(streamId);
}

function readTimes(bytes: Uint8Array, at: number, length: number): PesTime | undefined {
  const flags = (bytes[at + 7] as number) >> 6;
  if ((flags & 2) === 0 || length < fixedHeader + 5) return undefined;
  const pts = readTimestamp(bytes, at + fixedHeader);
  const dts = flags === 3 && length >= fixedHeader + 10 ? readTimestamp(bytes, at + fixedHeader + 5) : pts;
  return { pts, dts };
}

/** The bytes of the header that `writePesHeader` writes. */
export function pesHeaderBytes(hasDts: boolean): number {
  return fixedHeader + (hasDts ? 10 : 5);
}

export interface PesHeader {
  readonly streamId: number;
  /** 90 kHz. */
  readonly pts: number;
  /** Written when it differs from `pts`. */
  readonly dts: number;
  /** When it doesn't fit into 16 bits the length is left open, which is allowed for video. */
  readonly payloadBytes: number;
}

export function writePesHeader(out: Uint8Array, at: number, header: PesHeader): void {
  const hasDts = header.dts !== header.pts;
  const length = pesHeaderBytes(hasDts);
  const packetLength = length - 6 + header.payloadBytes;
  const written = packetLength > 0xffff ? 0 : packetLength;
  out[at] = 0;
  out[at + 1] = 0;
  out[at + 2] = 1;
  out[at + 3] = header.streamId;
  out[at + 4] = written >> 8;
  out[at + 5] = written & 255;
  out[at + 6] = 0x84; // data_alignment_indicator: an access unit begins here
  out[at + 7] = hasDts ? 0xc0 : 0x80;
  out[at + 8] = length - fixedHeader;
  writeTimestamp(out, at + fixedHeader, header.pts, hasDts ? 3 : 2);
  if (hasDts) writeTimestamp(out, at + fixedHeader + 5, header.dts, 1);
}
