import { AppError } from '../units/app-error.ts';
import type { Clock } from '../units/clock.ts';
import { after, millis } from '../units/time.ts';
import type { LiveStream } from './live/live-stream.ts';
import type { ShownList } from './live/shown-list.ts';
import { longestHold } from './way.ts';

/**
 * During a takeover a list that stands still is repeated only after this: long enough for a successor whose list is seconds away
 * to come first, short enough that a player with two seconds in its buffer loses nothing by asking again.
 */
const takeoverHold = millis(1500);

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
