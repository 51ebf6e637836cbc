/** A count of units of `1 / timescale` seconds; whole, may be negative. Which timescale is said by the track that carries it. */
export type Ticks = number & { readonly __unit: 'ticks' };

/** MPEG's clock: PTS and DTS of MPEG-TS, RTP video, and this project's timeline. */
export const timescale90k = 90_000;

export function ticks(value: number): Ticks {
  return Math.round(value) as Ticks;
}

/**
 * The same moment in another timescale, rounded to the nearest tick.
 * Split into whole seconds and a rest, so that UTC in 90 kHz times 48,000 does not leave the safe integers.
 */
export function rescale(value: Ticks, from: number, to: number): Ticks {
  if (from === to) return value;
  const seconds = Math.floor(value / from);
  return (seconds * to + Math.round(((value - seconds * from) * to) / from)) as Ticks;
}
