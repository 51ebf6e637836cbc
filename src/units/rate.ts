/** A number of bits a second. */
export type BitsPerSecond = number & { readonly __unit: 'bit/s' };

const scales = { k: 1000, M: 1_000_000 } as const;
const pattern = /^(\d+(?:\.\d+)?)([kM])?$/;

/** `200M`, `64k`, `9600`: powers of 1000, as networks count. Undefined when the text is no rate; what is too large becomes the largest. */
export function parseRate(text: string): BitsPerSecond | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [, number = '', suffix] = match;
  const scale = suffix === 'k' || suffix === 'M' ? scales[suffix] : 1;
  return Math.min(Math.round(Number(number) * scale), Number.MAX_SAFE_INTEGER) as BitsPerSecond;
}

/** For eyes: at most one decimal, `4.2M`. */
export function formatRate(rate: BitsPerSecond): string {
  if (rate >= scales.M) return `${Number((rate / scales.M).toFixed(1))}M`;
  if (rate >= scales.k) return `${Number((rate / scales.k).toFixed(1))}k`;
  return `${Math.round(rate)}`;
}
