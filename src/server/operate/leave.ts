import type { StreamConfig } from '../../config/model/config.ts';
import { type Millis, millis } from '../../units/time.ts';

/** Players at the live edge still want what was published this many segments ago. */
const segmentsWanted = 3;

/**
 * For how long a server that has given its streams away serves its last segments, to viewers on their way to another server,
 * before it says goodbye: nobody is sent to a server that has left.
 */
export function lastViewersWait(streams: readonly StreamConfig[]): Millis {
  return millis(segmentsWanted * Math.max(0, ...streams.map((stream) => stream.segmentDuration)));
}
