import { type Ticks, ticks, timescale90k } from '../../units/ticks.ts';
import type { Millis } from '../../units/time.ts';
import type { SeenSegment } from './seen-segment.ts';

/** A window that ended so many segments before its owner was last heard is an old one: nobody has asked for it since. */
const freshSegments = 3;

export interface LastEndFacts {
  readonly segmentDuration: Millis;
  /** The newest segment of the dead one that any live server was told of, or saw. */
  readonly seen: SeenSegment | undefined;
  /** The end of what this server published itself, before the dead one had the stream, 90 kHz UTC. */
  readonly own: Ticks | undefined;
  /** When the dead owner was last heard, 90 kHz UTC. */
  readonly ownerDiedAt: Ticks;
}

/**
 * Where the timeline that a dead server published of a stream ended, for those who watch. What was seen of it counts while it is fresh; else
 * the segment grid (docs/decisions/008) up to the moment when the owner was last heard: an unfinished segment dies with its server. So does the
 * newest one that it listed, unless there was as much time to fetch it as it lasts.
 */
export function lastServedEnd({ segmentDuration, seen, own, ownerDiedAt }: LastEndFacts): Ticks {
  const grid = (segmentDuration * timescale90k) / 1000;
  const border = Math.floor(ownerDiedAt / grid) * grid;
  // What lies before this server's own part is of a time before the dead one had it.
  const isOwners = seen !== undefined && seen.end > (own ?? Number.NEGATIVE_INFINITY);
  const isFresh = isOwners && seen.end >= border - freshSegments * Math.max(grid, seen.end - seen.start);
  const newest = isFresh ? seen : { start: border - grid, end: border };
  const wasServed = ownerDiedAt - newest.end >= newest.end - newest.start;
  const served = wasServed ? newest.end : newest.start;
  return ticks(Math.max(served, own ?? served));
}
