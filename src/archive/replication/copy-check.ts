import type { Crc32 } from '../index/crc32.ts';
import type { Sha256 } from '../index/index-writer.ts';
import { recordBytes } from '../index/record.ts';
import { type RunIndex, readIndex } from '../index/run-index.ts';
import type { SealedRun } from './sealed-run.ts';

/** The index of this very run, whole and unaltered, from a stranger's bytes; undefined for anything else. */
export function offeredIndex(bytes: Uint8Array, run: SealedRun, sha256: Sha256): RunIndex | undefined {
  const read = readIndex(bytes);
  if (read.kind !== 'index' || read.tail !== 'whole') return undefined;
  const { closing, header } = read.index;
  const digest = sha256();
  digest.update(bytes.subarray(0, -recordBytes));
  const isWhole = closing?.digest === run.digest && closing.bytes === run.bytes && digest.hex() === run.digest;
  const isItsOwn = header.server === run.name.server && header.incarnation === run.name.incarnation;
  return isWhole && isItsOwn ? read.index : undefined;
}

/** A stretch of the recording that is right or wrong as a whole. */
interface Part {
  readonly end: number;
  /** Absent for what belongs to no fragment: it is nobody's loss. */
  readonly checksum: number | undefined;
  readonly isFragment: boolean;
}

/**
 * Compares a recording with its index while it comes in, in pieces of any length from the first byte on. What a crash left of a copy is read
 * through it, too, before more is fetched.
 */
export class CopyCheck {
  readonly #index: RunIndex;
  readonly #crc32: Crc32;
  #fragments = 0;
  #position = 0;
  #solid = 0;
  /** Of what came behind `#solid`. */
  #checksum = 0;

  constructor(index: RunIndex, crc32: Crc32) {
    this.#index = index;
    this.#crc32 = crc32;
  }

  /** Bytes that came. */
  get position(): number {
    return this.#position;
  }

  /** Bytes known to be right; what came behind them is of a fragment that is not whole yet. */
  get solid(): number {
    return this.#solid;
  }

  get isComplete(): boolean {
    return this.#solid === this.#index.mediaBytes;
  }

  /** False: some of it is not what was recorded, or there is more than was recorded. `rewind`, and go on from `solid`. */
  add(bytes: Uint8Array): boolean {
    for (let at = 0; at < bytes.length; ) {
      const part = this.#part();
      if (part.end <= this.#position) return false;
      const piece = bytes.subarray(at, at + part.end - this.#position);
      this.#checksum = this.#crc32(piece, this.#checksum);
      this.#position += piece.length;
      at += piece.length;
      if (this.#position < part.end) return true;
      if (part.checksum !== undefined && part.checksum !== this.#checksum) return false;
      this.#fragments += part.isFragment ? 1 : 0;
      this.#solid = part.end;
      this.#checksum = 0;
    }
    return true;
  }

  rewind(): void {
    this.#position = this.#solid;
    this.#checksum = 0;
  }

  /** The one that follows `#solid`: the beginning, a fragment, what lies before it, or what lies behind the last. */
  #part(): Part {
    const { header, count, mediaBytes } = this.#index;
    const { init } = header;
    if (this.#solid < init.length) return { end: init.length, checksum: init.checksum, isFragment: false };
    const i = this.#fragments;
    if (i >= count) return { end: mediaBytes, checksum: undefined, isFragment: false };
    const offset = this.#index.offsetOf(i);
    if (this.#solid < offset) return { end: offset, checksum: undefined, isFragment: false };
    return { end: this.#index.endOffset(i), checksum: this.#index.record(i).checksum, isFragment: true };
  }
}
