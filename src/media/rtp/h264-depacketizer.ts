// RFC 6184: RTP payload format for H.264, packetization modes 0 and 1 (single NAL unit, STAP-A, FU-A).
import { splitAnnexB } from '../codec/annexb.ts';
import { isVcl } from '../codec/h264.ts';
import type { Damage } from '../track.ts';
import { type RtpPacket, word } from './packet.ts';
import { UnitBuffer } from './unit-buffer.ts';

/** An intra picture of 4K at 800 Mbit/s. */
const largestAccessUnit = 8 * 1024 * 1024;

export const stapA = 24;
export const fuA = 28;
const fuStart = 0x80;
const fuEnd = 0x40;

export interface AccessUnitOutput {
  /** The units are valid until the call returns. `torn`: something of it is missing. */
  accessUnit(units: readonly Uint8Array[], timestamp: number, torn: boolean): void;
  damage(damage: Damage): void;
}

/**
 * Packets in order to access units. One ends with the marker, or when the timestamp changes; parameter sets that devices send with
 * a marker or timestamp of their own wait for their picture.
 */
export class H264Depacketizer {
  readonly #output: AccessUnitOutput;
  readonly #units = new UnitBuffer(largestAccessUnit);
  #timestamp: number | undefined;
  #delivered: number | undefined;
  #hasSlice = false;
  #torn = false;
  #fragmentOpen = false;
  /** Packets are missing in front of the next one. */
  #gap = false;
  /** Packets of this picture are missing: a slice behind its marker tells nothing of the marker. */
  #behindGap = false;
  /** Some devices mark every slice. Once seen, only the timestamp counts, which costs them a frame's time. */
  #markerEnds = true;

  constructor(output: AccessUnitOutput) {
    this.#output = output;
  }

  /** Packets in front of the next one are missing. */
  lost(): void {
    this.#gap = true;
  }

  packet(bytes: Uint8Array, packet: RtpPacket): void {
    const { payloadFrom, payloadTo, timestamp, marker } = packet;
    if (payloadFrom === payloadTo) return;
    if (this.#gap) this.#afterGap(timestamp);
    if (timestamp !== this.#timestamp) this.#begin(timestamp);
    this.#payload(bytes, payloadFrom, payloadTo);
    if (marker) this.#marked();
  }

  /** What is missing may be this access unit's end or middle, or the beginning of the one that comes. */
  #afterGap(timestamp: number): void {
    this.#gap = false;
    this.#dropFragment();
    if (timestamp === this.#timestamp || !this.#units.isEmpty) this.#torn = true;
    this.#behindGap = true;
  }

  #begin(timestamp: number): void {
    this.#dropFragment();
    if (this.#hasSlice || this.#torn) this.#deliver();
    this.#timestamp = timestamp;
  }

  #marked(): void {
    // The last fragment's end bit is forgotten by some.
    if (this.#fragmentOpen) this.#finishUnit();
    if (this.#markerEnds && this.#hasSlice) this.#deliver();
  }

  #payload(bytes: Uint8Array, from: number, to: number): void {
    const type = (bytes[from] ?? 0) & 31;
    if (type === fuA) this.#fragment(bytes, from, to);
    else if (type === stapA) this.#aggregate(bytes, from + 1, to);
    else if (type === 0) this.#byteStream(bytes.subarray(from, to));
    else if (type < stapA) this.#wholeUnit(bytes, from, to);
    else this.#output.damage({ kind: 'malformed', detail: `RTP payload structure ${type} is not in use` });
  }

  #fragment(bytes: Uint8Array, from: number, to: number): void {
    if (to - from < 3) return;
    const header = bytes[from + 1] ?? 0;
    if ((header & fuStart) !== 0) {
      this.#dropFragment();
      this.#look(header & 31, bytes[from + 2] ?? 0);
      this.#fragmentOpen = this.#units.appendByte(((bytes[from] ?? 0) & 0xe0) | (header & 31));
    } else if (!this.#fragmentOpen) {
      this.#torn = true;
      return;
    }
    this.#append(bytes, from + 2, to);
    if ((header & fuEnd) !== 0) this.#finishUnit();
  }

  #aggregate(bytes: Uint8Array, from: number, to: number): void {
    let at = from;
    while (at + 2 < to) {
      const end = at + 2 + word(bytes, at);
      if (end > to) {
        this.#torn = true;
        this.#output.damage({ kind: 'truncated', detail: 'a unit of an aggregation packet' });
        return;
      }
      this.#wholeUnit(bytes, at + 2, end);
      at = end;
    }
  }

  /** Against the standard, some devices leave the start codes in. */
  #byteStream(bytes: Uint8Array): void {
    for (const unit of splitAnnexB(bytes)) this.#wholeUnit(unit, 0, unit.length);
  }

  #wholeUnit(bytes: Uint8Array, from: number, to: number): void {
    if (from === to) return;
    this.#dropFragment();
    this.#look((bytes[from] ?? 0) & 31, bytes[from + 1] ?? 0);
    this.#append(bytes, from, to);
    this.#finishUnit();
  }

  /** `second`: the byte behind the NAL header; its first bit is set exactly when first_mb_in_slice is 0. */
  #look(type: number, second: number): void {
    if (!isVcl(type)) return;
    const isContinued = !this.#hasSlice && second < 128;
    this.#hasSlice = true;
    if (!isContinued) return;
    if (this.#delivered === this.#timestamp && this.#markerEnds && !this.#behindGap) {
      this.#markerEnds = false;
      this.#output.damage({ kind: 'malformed', detail: 'markers inside pictures' });
    }
    this.#torn = true;
  }

  #append(bytes: Uint8Array, from: number, to: number): void {
    if (this.#units.append(bytes, from, to)) return;
    if (!this.#torn) this.#output.damage({ kind: 'too-large', detail: `a picture of over ${largestAccessUnit} bytes` });
    this.#torn = true;
  }

  #finishUnit(): void {
    this.#fragmentOpen = false;
    this.#units.finish();
  }

  #dropFragment(): void {
    if (!this.#fragmentOpen) return;
    this.#fragmentOpen = false;
    this.#torn = true;
    this.#units.abandon();
  }

  #deliver(): void {
    const torn = this.#torn;
    this.#delivered = this.#timestamp;
    this.#hasSlice = false;
    this.#torn = false;
    this.#behindGap = false;
    if (this.#timestamp !== undefined) this.#output.accessUnit(this.#units.units(), this.#timestamp, torn);
    this.#units.clear();
  }
}
