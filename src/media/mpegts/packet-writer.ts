// ISO/IEC 13818-1 clauses 2.4.3.2 to 2.4.3.5: packets, adaptation fields, stuffing, PCR.

import { timestampWrap, wrapTimestamp } from './timestamp.ts';
import { packetBytes, syncByte } from './ts-packet.ts';

const headerBytes = 4;
const payloadBytes = packetBytes - headerBytes;
const pcrBytes = 6;

/** The payload of one unit (PES packet or section) and what its first packet says beside it. */
export interface PacketUnit {
  readonly pid: number;
  /** What the packets carry, in order. */
  readonly pieces: readonly Uint8Array[];
  /** Sum of the pieces. */
  readonly byteLength: number;
  readonly randomAccess: boolean;
  /** In 90 kHz; written modulo 2^33. */
  readonly pcr: number | undefined;
}

/** The bytes of all packets of a unit. */
export function packetizedBytes(unit: PacketUnit): number {
  const first = payloadBytes - adaptationBytes(unit);
  const rest = Math.max(0, unit.byteLength - first);
  return (1 + Math.ceil(rest / payloadBytes)) * packetBytes;
}

/** The first packet's adaptation field without stuffing, length byte included. */
function adaptationBytes({ pcr, randomAccess }: PacketUnit): number {
  if (pcr !== undefined) return 2 + pcrBytes;
  return randomAccess ? 2 : 0;
}

/** Cuts units into packets behind each other in one buffer. The continuity counters are kept by the caller. */
export class PacketWriter {
  readonly bytes: Uint8Array;
  #at = 0;

  constructor(byteLength: number) {
    this.bytes = new Uint8Array(byteLength);
  }

  /** Returns the counter of the next packet of this PID. */
  write(unit: PacketUnit, counter: number): number {
    const source = new PieceReader(unit.pieces);
    let remaining = unit.byteLength;
    let next = counter;
    let first = true;
    do {
      const adaptation = first ? adaptationBytes(unit) : 0;
      const taken = Math.min(remaining, payloadBytes - adaptation);
      const padded = payloadBytes - taken;
      this.#header(unit.pid, first, padded > 0, next);
      if (padded > 0) this.#adaptation(padded, first ? unit : undefined);
      source.copy(this.bytes, this.#at + headerBytes + padded, taken);
      this.#at += packetBytes;
      remaining -= taken;
      next = (next + 1) & 15;
      first = false;
    } while (remaining > 0);
    return next;
  }

  #header(pid: number, first: boolean, adaptation: boolean, counter: number): void {
    const { bytes } = this;
    const at = this.#at;
    bytes[at] = syncByte;
    bytes[at + 1] = (first ? 0x40 : 0) | (pid >> 8);
    bytes[at + 2] = pid & 255;
    bytes[at + 3] = (adaptation ? 0x30 : 0x10) | counter;
  }

  /** Of `length` bytes, its length byte included; what is not said is stuffing. */
  #adaptation(length: number, unit: PacketUnit | undefined): void {
    const { bytes } = this;
    const at = this.#at + headerBytes;
    bytes[at] = length - 1;
    if (length === 1) return;
    bytes[at + 1] = (unit?.randomAccess ? 0x40 : 0) | (unit?.pcr === undefined ? 0 : 0x10);
    let end = at + 2;
    if (unit?.pcr !== undefined) {
      writePcr(bytes, end, unit.pcr);
      end += pcrBytes;
    }
    bytes.fill(0xff, end, at + length);
  }
}

/** program_clock_reference_base in 33 bits, six reserved bits, extension 0. */
function writePcr(bytes: Uint8Array, at: number, pcr: number): void {
  const base = wrapTimestamp(pcr);
  const high = Math.floor(base / 2);
  bytes[at] = Math.floor(high / 2 ** 24);
  bytes[at + 1] = high >>> 16;
  bytes[at + 2] = high >>> 8;
  bytes[at + 3] = high;
  bytes[at + 4] = ((base % 2) << 7) | 0x7e;
  bytes[at + 5] = 0;
}

/** The PCR whose first byte is at `at`, in 90 kHz. */
export function readPcr(bytes: Uint8Array, at: number): number {
  const byte = (i: number): number => bytes[at + i] ?? 0;
  const high = byte(0) * 2 ** 24 + byte(1) * 2 ** 16 + byte(2) * 2 ** 8 + byte(3);
  return (high * 2 + (byte(4) >> 7)) % timestampWrap;
}

/** Reads pieces as one run of bytes. */
class PieceReader {
  readonly #pieces: readonly Uint8Array[];
  #piece = 0;
  #offset = 0;

  constructor(pieces: readonly Uint8Array[]) {
    this.#pieces = pieces;
  }

  copy(out: Uint8Array, at: number, count: number): void {
    let to = at;
    const end = at + count;
    while (to < end) {
      const piece = this.#pieces[this.#piece];
      if (piece === undefined) return;
      const taken = Math.min(piece.length - this.#offset, end - to);
      out.set(piece.subarray(this.#offset, this.#offset + taken), to);
      to += taken;
      this.#offset += taken;
      if (this.#offset === piece.length) {
        this.#piece += 1;
        this.#offset = 0;
      }
    }
  }
}
