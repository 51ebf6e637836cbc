// RFC 3640 clauses 3.2 and 3.3.5, 3.3.6: MPEG-4 generic, modes AAC-hbr and AAC-lbr.
import { adtsHeaderBytes, parseAdtsHeader } from '../codec/aac.ts';
import type { Damage } from '../track.ts';
import { type RtpPacket, word } from './packet.ts';
import { UnitBuffer } from './unit-buffer.ts';

/** aac_frame_length of ADTS has 13 bits, AAC-hbr's size field too. */
const largestFrame = 8191;

/** Bits of the fields in each AU header, from the SDP's fmtp: 13, 3, 3 in AAC-hbr; 6, 2, 2 in AAC-lbr. */
export interface AacHeaderLengths {
  readonly size: number;
  readonly index: number;
  readonly indexDelta: number;
}

export interface AacFrameOutput {
  /** A raw frame, valid until the call returns; `number`: how many frames after the one that the timestamp means. */
  frame(frame: Uint8Array, timestamp: number, number: number): void;
  damage(damage: Damage): void;
}

/** Packets in order to raw AAC frames: several in a packet, or one in several packets. */
export class AacDepacketizer {
  readonly #lengths: AacHeaderLengths;
  readonly #output: AacFrameOutput;
  readonly #fragments = new UnitBuffer(largestFrame);
  /** Bytes of the frame that is being gathered, all packets together; 0 for none. */
  #expected = 0;
  #timestamp = 0;

  constructor(lengths: AacHeaderLengths, output: AacFrameOutput) {
    this.#lengths = lengths;
    this.#output = output;
  }

  /** Packets in front of the next one are missing. */
  lost(): void {
    this.#expected = 0;
  }

  packet(bytes: Uint8Array, packet: RtpPacket): void {
    const { payloadFrom, payloadTo, timestamp } = packet;
    const headerBits = word(bytes, payloadFrom);
    const headersFrom = payloadFrom + 2;
    const frames = this.#count(Math.min(headerBits, 8 * (payloadTo - headersFrom)));
    let at = headersFrom + Math.ceil(headerBits / 8);
    if (payloadTo < headersFrom || frames === 0 || at > payloadTo) {
      this.#output.damage({ kind: 'malformed', detail: 'an audio packet without access unit headers' });
      return;
    }
    const first = this.#size(bytes, headersFrom, 0);
    if (frames === 1 && (this.#expected > 0 || first > payloadTo - at)) {
      this.#fragment(bytes, at, packet, first);
      return;
    }
    for (let number = 0; number < frames; number++) {
      const size = this.#size(bytes, headersFrom, number);
      if (at + size > payloadTo) {
        this.#output.damage({ kind: 'truncated', detail: 'an audio frame' });
        return;
      }
      this.#deliver(bytes.subarray(at, at + size), timestamp, number);
      at += size;
    }
  }

  #fragment(bytes: Uint8Array, from: number, packet: RtpPacket, size: number): void {
    if (this.#expected === 0 || packet.timestamp !== this.#timestamp || size !== this.#expected) {
      this.#fragments.clear();
      this.#expected = size;
      this.#timestamp = packet.timestamp;
    }
    if (!this.#fragments.append(bytes, from, packet.payloadTo)) this.#expected = 0;
    if (!packet.marker) return;
    this.#fragments.finish();
    const [frame] = this.#fragments.units();
    if (frame?.length === this.#expected && frame.length > 0) this.#deliver(frame, packet.timestamp, 0);
    else this.#output.damage({ kind: 'truncated', detail: 'an audio frame in several packets' });
    this.#expected = 0;
    this.#fragments.clear();
  }

  #deliver(frame: Uint8Array, timestamp: number, number: number): void {
    if (frame.length > 0) this.#output.frame(withoutAdts(frame), timestamp, number);
  }

  /** How many AU headers so many bits hold. */
  #count(bits: number): number {
    const { size, index, indexDelta } = this.#lengths;
    if (bits < size + index) return 0;
    return size === 0 ? 1 : 1 + Math.floor((bits - size - index) / (size + indexDelta));
  }

  /** What the n-th AU header says. */
  #size(bytes: Uint8Array, from: number, number: number): number {
    const { size, index, indexDelta } = this.#lengths;
    const before = number === 0 ? 0 : size + index + (number - 1) * (size + indexDelta);
    return field(bytes, from * 8 + before, size);
  }
}

/** Against the standard, some devices leave the ADTS header in. */
function withoutAdts(frame: Uint8Array): Uint8Array {
  if (frame.length <= adtsHeaderBytes) return frame;
  const header = parseAdtsHeader(frame, 0);
  return header?.frameBytes === frame.length ? frame.subarray(header.headerBytes) : frame;
}

function field(bytes: Uint8Array, from: number, length: number): number {
  const end = from + length;
  let value = 0;
  for (let bit = from; bit < end; ) {
    const left = 8 - (bit & 7);
    const taken = Math.min(left, end - bit);
    value = value * 2 ** taken + (((bytes[bit >> 3] ?? 0) >> (left - taken)) & ((1 << taken) - 1));
    bit += taken;
  }
  return value;
}
