import { type Ticks, ticks } from '../../units/ticks.ts';

/** The newest segment of a server that another one knows of, 90 kHz UTC. */
export interface SeenSegment {
  readonly start: Ticks;
  readonly end: Ticks;
}

/** Of two the one that ends later. */
export function newer(a: SeenSegment | undefined, b: SeenSegment | undefined): SeenSegment | undefined {
  return a === undefined || (b !== undefined && b.end > a.end) ? b : a;
}

/** As it travels; undefined when it is none. */
export function parseSeen(value: unknown): SeenSegment | undefined {
  const { start, end } = (value ?? {}) as { readonly start?: unknown; readonly end?: unknown };
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end)) return undefined;
  return { start: ticks(Number(start)), end: ticks(Number(end)) };
}
