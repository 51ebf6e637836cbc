/** RFC 9110, 14.1.2: byte ranges, as far as players use them: one range. */

export interface ByteRange {
  /** First byte. */
  readonly start: number;
  readonly length: number;
}

const oneRange = /^bytes=(\d{0,15})-(\d{0,15})$/;

/**
 * What of `size` bytes a `Range` header asks for: `whole` when there is none, or one that isn't understood
 * (several ranges, another unit: a server may ignore them); `unsatisfiable` when it lies behind the end.
 */
export function rangeOf(header: string | undefined, size: number): ByteRange | 'whole' | 'unsatisfiable' {
  const match = header === undefined ? null : oneRange.exec(header);
  if (match === null) return 'whole';
  const [, first = '', last = ''] = match;
  if (first === '') return last === '' ? 'whole' : suffix(Number(last), size);
  const start = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < start) return 'whole';
  return start >= size ? 'unsatisfiable' : { start, length: end - start + 1 };
}

function suffix(wanted: number, size: number): ByteRange | 'unsatisfiable' {
  const length = Math.min(wanted, size);
  return length === 0 ? 'unsatisfiable' : { start: size - length, length };
}
