// ISO/IEC 14496-12 clause 8.8.12: baseMediaDecodeTime, the only thing that differs between a fragment in a file and on the timeline.

/** A 64-bit decode time and where its first byte stands. */
export interface DecodeTime {
  readonly at: number;
  readonly value: bigint;
}

const valueBytes = 8;

/**
 * Puts decode times into bytes that are on their way to a reader, in place; returns them. `offset` is where `bytes` begins on the scale of
 * `at`: a file read in pieces is patched piece by piece, and a value may lie in two of them.
 */
export function withDecodeTimes(bytes: Uint8Array, decodeTimes: readonly DecodeTime[], offset = 0): Uint8Array {
  for (const { at, value } of decodeTimes) {
    for (let i = 0; i < valueBytes; i++) {
      const place = at - offset + i;
      if (place >= 0 && place < bytes.length)
        bytes[place] = Number((value >> BigInt(8 * (valueBytes - 1 - i))) & 0xffn);
    }
  }
  return bytes;
}
