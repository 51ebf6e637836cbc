/** A number of bytes. */
export type Bytes = number & { readonly __unit: 'bytes' };

/** By power of 1024. */
const suffixes = ['', 'K', 'M', 'G', 'T'];
const pattern = /^(\d+(?:\.\d+)?)([KMGT])?$/;

/** `500G`, `1.5T`, `4096`: powers of 1024, as disk tools count. Undefined when the text is no size; what is too large becomes the largest. */
export function parseSize(text: string): Bytes | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [, number = '', suffix = ''] = match;
  const power = suffixes.indexOf(suffix);
  return Math.min(Math.round(Number(number) * 1024 ** power), Number.MAX_SAFE_INTEGER) as Bytes;
}

/** For eyes: at most one decimal, `1.5G`. */
export function formatSize(bytes: Bytes): string {
  let value: number = bytes;
  let power = 0;
  while (value >= 1024 && power < suffixes.length - 1) {
    value /= 1024;
    power += 1;
  }
  return `${Number(value.toFixed(1))}${suffixes[power] ?? ''}`;
}
