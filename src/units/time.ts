import { assert } from './assert.ts';

/** A span of time in milliseconds; may be fractional where it was measured. */
export type Millis = number & { readonly __unit: 'ms' };

/** A point on this process's monotonic clock, in milliseconds since an arbitrary start. Never compared across servers. */
export type Instant = number & { readonly __unit: 'instant' };

/** A point in UTC, in whole microseconds since 1970: exact in a double until the year 2255. */
export type UnixMicros = number & { readonly __unit: 'unix-us' };

// The messages are made only when they are needed: media makes points in time for every frame.

export function millis(value: number): Millis {
  if (!Number.isFinite(value)) assert(false, `${value} is not a span of time`);
  return value as Millis;
}

export function instant(value: number): Instant {
  if (!Number.isFinite(value)) assert(false, `${value} is not a point in time`);
  return value as Instant;
}

export function unixMicros(value: number): UnixMicros {
  if (!Number.isSafeInteger(value)) assert(false, `${value} is not whole microseconds since 1970`);
  return value as UnixMicros;
}

/** `at` moved by `span` (which may be negative). */
export function after(at: Instant, span: Millis): Instant {
  return (at + span) as Instant;
}

/** The time from `earlier` to `later`, negative when they are swapped. */
export function between(earlier: Instant, later: Instant): Millis {
  return (later - earlier) as Millis;
}

export const never: Instant = Number.POSITIVE_INFINITY as Instant;

/** The first of these; `never` of none. */
export function earliest(...instants: readonly Instant[]): Instant {
  return Math.min(...instants) as Instant;
}

/** The last of these, of which there must be one. */
export function latest(first: Instant, ...others: readonly Instant[]): Instant {
  return Math.max(first, ...others) as Instant;
}
