import type { StreamConfig } from '../config/config.ts';
import type { Clock } from '../units/clock.ts';
import { millis } from '../units/time.ts';

/** Players at the live edge still want what was published this many segments ago. */
const segmentsWanted = 3;

export interface LeaveOptions {
  readonly clock: Clock;
  /** Gives the streams away; resolves when that is done, or can't be. */
  readonly drain: () => Promise<unknown>;
  readonly streams: () => readonly StreamConfig[];
  /** Whether another server took the streams, so that viewers go on elsewhere. */
  readonly hasTakers: () => boolean;
  /** Says goodbye to the peers; resolves when it is said. */
  readonly goodbye: () => Promise<void>;
}

/**
 * The end of a server that is told to go: it gives its streams away, serves its last segments to the viewers that are on their way
 * to another server, and only then says goodbye, for nobody is sent to a server that has left.
 */
export async function leaveGroup({ clock, drain, streams, hasTakers, goodbye }: LeaveOptions): Promise<void> {
  await drain();
  const longest = Math.max(0, ...streams().map((stream) => stream.segmentDuration));
  if (hasTakers()) await clock.sleep(millis(segmentsWanted * longest));
  await goodbye();
}
