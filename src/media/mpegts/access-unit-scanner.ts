// ITU-T H.264 clause 7.4.1.2.3: where access units begin in the byte stream of Annex B.
import { findStartCode, withoutTrailingZeros } from '../codec/annexb.ts';
import { isVcl, startsAccessUnit } from '../codec/h264.ts';
import { ByteQueue } from './byte-queue.ts';

/** An intra picture of 4K at 800 Mbit/s; what grows past it lost its end. */
export const largestAccessUnit = 8 * 1024 * 1024;

/** `units` are views that are valid during the call; `at` is where the access unit begins in all that ever came. */
export type DeliverAccessUnit = (units: readonly Uint8Array[], at: number) => void;

/**
 * Finds access units in a byte stream, however packets cut it. One is delivered when the next begins: nothing else says that it is
 * whole. Holds one access unit and the packet behind it.
 */
export class AccessUnitScanner {
  readonly #deliver: DeliverAccessUnit;
  readonly #queue = new ByteQueue(32 * 1024);
  /** Where the search for the next start code goes on. */
  #scanned = 0;
  /** The newest packet: it is searched as it comes up to its first NAL unit, which tells whether an access unit begins; the rest at the next. */
  #packetAt = 0;
  #searching = false;
  /** Of the access unit that is being gathered: where it begins, its whole units as from and to, the unit that is open (or -1). */
  #begin = 0;
  #ranges: number[] = [];
  #openUnit = -1;
  #hasSlice = true;
  /** It misses its beginning or something in the middle: it is passed over. */
  #torn = true;

  constructor(deliver: DeliverAccessUnit) {
    this.#deliver = deliver;
  }

  /** Where the next byte will stand in all that ever came. */
  get position(): number {
    return this.#queue.end;
  }

  /** A packet begins with the next byte. */
  packet(): void {
    this.#packetAt = this.position;
    this.#searching = true;
  }

  /** False when what was gathered is too large, and dropped. */
  append(bytes: Uint8Array, from: number, to: number): boolean {
    const fits = this.#makeRoom(to - from);
    this.#queue.append(bytes, from, to);
    if (this.#searching) this.#search();
    return fits;
  }

  /** Bytes are missing here: what was begun is dropped, what is whole delivered. */
  cut(): void {
    this.#search();
    this.#drop();
  }

  /** No more bytes come: the last access unit counts as whole. */
  end(): void {
    this.#search();
    const { bytes, length } = this.#queue;
    const unfinished = findStartCode(bytes, this.#scanned, length);
    this.#closeUnit(unfinished < 0 ? length : unfinished);
    this.#emit();
    this.#drop();
  }

  #makeRoom(count: number): boolean {
    if (this.#queue.length + count <= largestAccessUnit) return true;
    // Several access units may have come in one packet: only what is one by itself is too large.
    this.#search();
    if (this.#queue.length + count <= largestAccessUnit) return true;
    this.#drop();
    return false;
  }

  #drop(): void {
    this.#queue.shift(this.#queue.length);
    this.#scanned = 0;
    this.#begin = 0;
    this.#ranges = [];
    this.#openUnit = -1;
    this.#hasSlice = true;
    this.#torn = true;
  }

  /** Visits each start code whose NAL unit has two bytes already. */
  #search(): void {
    const { bytes, length, start } = this.#queue;
    for (;;) {
      const code = findStartCode(bytes, this.#scanned, length);
      if (code < 0 || code + 5 > length) {
        this.#scanned = code < 0 ? Math.max(this.#scanned, length - 2) : code;
        break;
      }
      this.#scanned = code + 3;
      this.#closeUnit(code);
      this.#openAt(code, (bytes[code + 3] as number) & 31, bytes[code + 4] as number);
      if (start + code >= this.#packetAt) this.#searching = false;
    }
    this.#compact();
  }

  #closeUnit(code: number): void {
    if (this.#openUnit < 0) return;
    const end = withoutTrailingZeros(this.#queue.bytes, this.#openUnit, code);
    if (end > this.#openUnit) this.#ranges.push(this.#openUnit, end);
    this.#openUnit = -1;
  }

  #openAt(code: number, type: number, second: number): void {
    if (this.#hasSlice && startsAccessUnit(type, second)) {
      this.#emit();
      this.#begin = code;
      this.#ranges = [];
      this.#hasSlice = false;
      this.#torn = false;
    }
    this.#hasSlice ||= isVcl(type);
    this.#openUnit = code + 3;
  }

  #emit(): void {
    if (this.#torn || !this.#hasSlice || this.#ranges.length === 0) return;
    const { bytes, start } = this.#queue;
    const units: Uint8Array[] = [];
    for (let i = 0; i < this.#ranges.length; i += 2) units.push(bytes.subarray(this.#ranges[i], this.#ranges[i + 1]));
    this.#deliver(units, start + this.#begin);
  }

  /** Forgets what is in front of the access unit that is being gathered; of a torn one nothing is needed. */
  #compact(): void {
    if (this.#torn) {
      this.#openUnit = -1;
      this.#ranges = [];
      this.#begin = this.#scanned;
    }
    const count = this.#begin;
    if (count === 0) return;
    this.#queue.shift(count);
    this.#scanned -= count;
    this.#begin = 0;
    if (this.#openUnit >= 0) this.#openUnit -= count;
    for (let i = 0; i < this.#ranges.length; i++) this.#ranges[i] = (this.#ranges[i] ?? 0) - count;
  }
}
