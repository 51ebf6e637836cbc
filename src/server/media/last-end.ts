import { type Ticks, ticks, timescale90k } from '../../units/ticks.ts';
import type { Millis } from '../../units/time.ts';

/** A window that ended so many segments before its owner was last heard is an old one: nobody has asked for it since. */
const freshSegments = 3;

export interface LastEndFacts {
  readonly segmentDuration: Millis;
  /** The end of the newest segment that this server saw, 90 kHz UTC. */
  readonly seen: Ticks | undefined;
  /** When the owner was last heard, when it is dead now; 90 kHz UTC. */
  readonly ownerDiedAt: Ticks | undefined;
}

/**
 * Where the published timeline of a stream ended. What this server saw of it counts while it is fresh; else, for a dead owner,
 * the last border of the segment grid (DESIGN 6) before it was last heard: an unfinished segment dies with its server.
 */
export function lastPublishedEnd({ segmentDuration, seen, ownerDiedAt }: LastEndFacts): Ticks | undefined {
  if (ownerDiedAt === undefined) return seen;
  const grid = (segmentDuration * timescale90k) / 1000;
  const border = ticks(Math.floor(ownerDiedAt / grid) * grid);
  if (seen === undefined || seen < border - freshSegments * grid) return border;
  return seen;
}
