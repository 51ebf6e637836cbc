import { AppError } from '../units/app-error.ts';
import type { Clock } from '../units/clock.ts';
import { after, millis } from '../units/time.ts';
import type { LiveStream } from './live/live-stream.ts';
import type { ShownList } from './live/shown-list.ts';
import { longestHold } from './way.ts';

/**
 * During a takeover a list that stands still is repeated only after this: by then a successor has its first segment (a second to start,
 * and two groups of pictures of two seconds), of which the player learns at once. Repeated sooner, the list would send players for the
 * segments that died with their server. Players give a list up after eight seconds or more (ExoPlayer 8, hls.js 10), and ask again.
 */
const takeoverHold = millis(6000);

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
