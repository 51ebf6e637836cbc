import { AppError } from '../units/app-error.ts';
import type { Clock } from '../units/clock.ts';
import { after, millis } from '../units/time.ts';
import type { LiveStream } from './live/live-stream.ts';
import type { ShownList } from './live/shown-list.ts';
import { longestHold } from './way.ts';

/**
 * During a takeover a list that stands still is repeated only after this: a successor whose keyframes come every two seconds has its first
 * segment by then, and the player learns of it at once instead of half a target duration later. Repeated sooner, the list would send
 * players for the segments that died with their server. Shaka gives a request up after five seconds without a byte.
 */
const takeoverHold = millis(4000);

/** The list that a playlist request is answered with: at once when it is the owner's own, else held (DESIGN 6, Playlists). */
export function listFor(live: LiveStream, clock: Clock, signal: () => AbortSignal): ShownList | Promise<ShownList> {
  const list = live.list;
  return list !== undefined && live.isCurrent ? list : held(live, clock, signal());
}

async function held(live: LiveStream, clock: Clock, signal: AbortSignal): Promise<ShownList> {
  const arrived = clock.monotonic();
  const before = live.list;
  const deadline = after(arrived, before === undefined ? longestHold : takeoverHold);
  for (;;) {
    const list = live.list;
    if (list !== undefined && (live.isCurrent || list !== before)) return list;
    if (signal.aborted || clock.monotonic() >= deadline) {
      if (list !== undefined) return list;
      throw new AppError('stream-unavailable', 'no server of the group has segments of the stream yet');
    }
    await live.changed(deadline, signal);
  }
}
