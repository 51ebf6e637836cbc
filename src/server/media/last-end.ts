import { type Ticks, ticks, timescale90k } from '../../units/ticks.ts';
import type { Millis } from '../../units/time.ts';

/** A window that ended so many segments before its owner was last heard is an old one: nobody has asked for it since. */
const freshSegments = 3;

export interface LastEndFacts {
  readonly segmentDuration: Millis;
  /** The end of the newest segment that this server saw at others, 90 kHz UTC. */
  readonly seen: Ticks | undefined;
  /** The end of what this server published itself, before the dead one had the stream. */
  readonly own: Ticks | undefined;
  /** When the dead owner was last heard, 90 kHz UTC. */
  readonly ownerDiedAt: Ticks;
}

/**
 * Where the timeline that a dead server published of a stream ended. What this server saw of it counts while it is fresh; else
 * the last border of the segment grid (docs/decisions/008) before the owner was last heard: an unfinished segment dies with its server.
 */
export function lastPublishedEnd({ segmentDuration, seen, own, ownerDiedAt }: LastEndFacts): Ticks {
  const grid = (segmentDuration * timescale90k) / 1000;
  const border = Math.floor(ownerDiedAt / grid) * grid;
  // What lies before this server's own part is of a time before the dead one had it.
  const isOwners = seen !== undefined && seen > (own ?? Number.NEGATIVE_INFINITY);
  if (isOwners && seen >= border - freshSegments * grid) return seen;
  return ticks(Math.max(border, own ?? border));
}
