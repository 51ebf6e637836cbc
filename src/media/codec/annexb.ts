// ITU-T H.264 Annex B: NAL units in a byte stream, each behind a start code 00 00 01.

/** Where the next start code begins at or after `from` and before `to`, or -1. Its first two bytes may lie anywhere behind `from`. */
export function findStartCode(bytes: Uint8Array, from: number, to: number): number {
  // Only every third byte is looked at while it can't be part of a start code: the usual case by far.
  let at = from + 2;
  while (at < to) {
    const byte = bytes[at] as number;
    if (byte > 1) {
      at += 3;
    } else if (byte === 0) {
      at += 1;
    } else {
      if (bytes[at - 1] === 0 && bytes[at - 2] === 0) return at - 2;
      at += 3;
    }
  }
  return -1;
}

/** The end of a NAL unit that may be followed by trailing_zero_8bits, or by the zero_byte of the next start code. */
export function withoutTrailingZeros(bytes: Uint8Array, from: number, to: number): number {
  let end = to;
  while (end > from && bytes[end - 1] === 0) end -= 1;
  return end;
}

/** The NAL units of a whole byte stream, as views; bytes in front of the first start code are not part of any. */
export function splitAnnexB(bytes: Uint8Array): Uint8Array[] {
  const units: Uint8Array[] = [];
  let code = findStartCode(bytes, 0, bytes.length);
  while (code >= 0) {
    const from = code + 3;
    code = findStartCode(bytes, from, bytes.length);
    const to = withoutTrailingZeros(bytes, from, code < 0 ? bytes.length : code);
    if (to > from) units.push(bytes.subarray(from, to));
  }
  return units;
}
