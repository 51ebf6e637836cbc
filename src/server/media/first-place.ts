import type { FirstPlace } from '../../facts/protocol.ts';
import { SegmentGrid } from '../../hls/segment-grid.ts';
import type { Ticks } from '../../units/ticks.ts';
import type { Millis } from '../../units/time.ts';
import type { LastPublished } from './last-published.ts';

/** A known end less than this before the capture began is the last one: who sees a segment learns of the next as soon as that is published. */
const freshSegments = 1.5;

/**
 * How sure it is that what is known was published last. `told`: whoever captured the stream says so, and has stopped. `untold`: it has stopped,
 * maybe with a segment more, and does not answer, or nobody here watched it. `guessed`: it is dead, or nobody knows who it was.
 */
export type Certainty = 'told' | 'untold' | 'guessed';

/**
 * Behind what the group published last. Where that is not known for sure, as after the death of a server that nobody watched, a source may
 * still send what was published, as its burst of the past; so the number is higher than the one that time has reached (docs/decisions/008): none
 * that was published is. `since`: when the capture began, 90 kHz UTC.
 */
export function firstPlace(
  last: Pick<LastPublished, 'end' | 'number'>,
  segmentDuration: Millis,
  since: Ticks,
  certainty: Certainty,
): FirstPlace {
  const grid = new SegmentGrid(segmentDuration);
  const reached = grid.numberAt(since);
  const { end, number } = last;
  if (end === undefined || number === undefined) return { notBefore: end, numberAfter: reached };
  if (certainty === 'told') return { notBefore: end, numberAfter: number, isLast: true };
  const known = certainty === 'guessed' && since - end < freshSegments * grid.duration;
  return { notBefore: end, numberAfter: known ? number : Math.max(number, reached) };
}
