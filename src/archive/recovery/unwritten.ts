import type { Crc32 } from '../index/crc32.ts';
import type { ByteRange } from './file-reading.ts';

/** What disks write at once, or not at all. */
const sectorBytes = 512;
/** A share of a sector that is shorter may be nothing but zeros by chance. */
const leastShare = 8;

/**
 * Sees whether a part of a range was never written. A file may have grown over sectors that a crash kept from the disk: they read as
 * zeros. H.264 has never three of them in a row (ISO/IEC 14496-10 clause 7.4.1), and sound not hundreds.
 */
export class UnwrittenWatch {
  readonly #crc32: Crc32;
  #at: number;
  #zeros = 0;
  #found = false;

  constructor({ offset }: ByteRange, crc32: Crc32) {
    this.#at = offset;
    this.#crc32 = crc32;
  }

  /** After all of the range was summed up. */
  get found(): boolean {
    return this.#found || this.#zeros >= leastShare;
  }

  /** The checksum of the next bytes of the range, looked through by the way. */
  readonly crc32: Crc32 = (bytes, before) => {
    for (let i = 0; i < bytes.length; ) i += this.#share(bytes, i);
    return this.#crc32(bytes, before);
  };

  /** What of a sector lies there; returns how much. */
  #share(bytes: Uint8Array, from: number): number {
    const inSector = this.#at % sectorBytes;
    const length = Math.min(sectorBytes - inSector, bytes.length - from);
    let zeros = 0;
    while (zeros < length && bytes[from + zeros] === 0) zeros += 1;
    this.#zeros = zeros < length ? Number.NEGATIVE_INFINITY : this.#zeros + zeros;
    this.#at += length;
    if (inSector + length === sectorBytes) {
      this.#found ||= this.#zeros >= leastShare;
      this.#zeros = 0;
    }
    return length;
  }
}
