import type { Crc32 } from '../index/crc32.ts';

export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/**
 * A look into a file that needs no file: yields the ranges that it wants to see, is given their bytes (fewer where the file ends), and
 * returns what it found. Whoever drives it reads, now or later, from a disk or from memory.
 */
export type FileReading<R> = Generator<ByteRange, R, Uint8Array>;

/** The most that is asked for at once. */
export const mostAtOnce = 1024 * 1024;

/** The CRC-32 of a range; undefined when the file ends before it does. */
export function* checksumOf({ offset, length }: ByteRange, crc32: Crc32): FileReading<number | undefined> {
  let checksum = 0;
  for (let done = 0; done < length; ) {
    const bytes = yield { offset: offset + done, length: Math.min(mostAtOnce, length - done) };
    if (bytes.length === 0) return undefined;
    checksum = crc32(bytes, checksum);
    done += bytes.length;
  }
  return checksum;
}
