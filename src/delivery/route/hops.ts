/**
 * How often a request was redirected already, counted in its URL: the one place that a client carries along without knowing.
 * Whatever the servers' views are, the count only grows, so that no chain of redirects is endless (docs/decisions/009).
 */

/** One redirect to the owner, and one more when it moved meanwhile. What comes back after that is relayed, never redirected. */
export const maxHops = 2;

/** A count past every limit; bounds what a forged URL can say. */
const mostHops = 99;

/** The hops that a query string (without `?`) tells; of several the largest, of nonsense none. */
export function hopsOf(query: string): number {
  if (!query.includes('hops=')) return 0;
  let hops = 0;
  for (const parameter of query.split('&')) {
    if (!parameter.startsWith('hops=')) continue;
    const value = parameter.slice(5);
    if (/^\d+$/.test(value)) hops = Math.max(hops, Math.min(Number(value), mostHops));
  }
  return hops;
}

/** The query string with this count in the place of every other, everything else kept in its order. */
export function withHops(query: string, hops: number): string {
  const others = query.split('&').filter((parameter) => parameter !== '' && !parameter.startsWith('hops='));
  return [...others, `hops=${hops}`].join('&');
}

/** Where a redirect leads. `path` is encoded already; of the query nothing passes that could end a header's line. */
export function redirectLocation(to: {
  readonly publicUrl: string;
  readonly path: string;
  readonly query: string;
  readonly hops: number;
}): string {
  return `${to.publicUrl}${to.path}?${printable(withHops(to.query, to.hops))}`;
}

function printable(text: string): string {
  return text.replace(/[^\x21-\x7e]/gu, percentEncoded);
}

/** By its UTF-8 bytes, whatever it is: `encodeURIComponent` throws at half a surrogate pair. */
function percentEncoded(character: string): string {
  return [...new TextEncoder().encode(character)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}
