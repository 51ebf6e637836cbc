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
    const sizes = this.#sizes(bytes, payloadFrom + 2, Math.min(headerBits, 8 * (payloadTo - payloadFrom - 2)));
    let at = payloadFrom + 2 + Math.ceil(headerBits / 8);
    if (payloadTo - payloadFrom < 2 || sizes.length === 0 || at > payloadTo) {
      this.#output.damage({ kind: 'malformed', detail: 'an audio packet without access unit headers' });
      return;
    }
    const [first = 0] = sizes;
    if (sizes.length === 1 && (this.#expected > 0 || first > payloadTo - at)) {
      this.#fragment(bytes, at, packet, first);
      return;
    }
    for (const [number, size] of sizes.entries()) {
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

  #sizes(bytes: Uint8Array, from: number, bits: number): number[] {
    const { size, index, indexDelta } = this.#lengths;
    const sizes: number[] = [];
    let at = 0;
    while (at + size + (sizes.length === 0 ? index : indexDelta) <= bits) {
      sizes.push(field(bytes, from * 8 + at, size));
      at += size + (sizes.length === 1 ? index : indexDelta);
      if (size === 0) break;
    }
    return sizes;
  }
}

/** Against the standard, some devices leave the ADTS header in. */
function withoutAdts(frame: Uint8Array): Uint8Array {
  if (frame.length <= adtsHeaderBytes) return frame;
  const header = parseAdtsHeader(frame, 0);
  return header?.frameBytes === frame.length ? frame.subarray(header.headerBytes) : frame;
}

function field(bytes: Uint8Array, bit: number, length: number): number {
  let value = 0;
  for (let i = bit; i < bit + length; i++) value = value * 2 + (((bytes[i >> 3] ?? 0) >> (7 - (i & 7))) & 1);
  return value;
}
