import { AppError } from '../units/app-error.ts';
import type { Clock } from '../units/clock.ts';
import { after, between, type Instant, millis } from '../units/time.ts';
import type { LiveStream } from './live/live-stream.ts';
import type { ShownList } from './live/shown-list.ts';
import { longestHold } from './route/way.ts';

/**
 * During a takeover a list that stands still is repeated only after this: by then a successor has its first segments (a second to start,
 * and three groups of pictures of two seconds), of which the player learns at once. Repeated sooner, the list would send players for the
 * segments that died with their server. Players give a list up after eight seconds or more (ExoPlayer 8, hls.js 10), and ask again.
 */
const takeoverHold = longestHold;

/**
 * A request that comes this long before the next segment is due, or after, waits for it. Players read the list as often as there are segments:
 * one that is a moment too early would learn of the segment a period later, each time anew, and may have no more than that in its buffer.
 */
const almostDue = millis(300);
/** Longer than a segment takes from its last frame to all servers. */
const overdue = millis(300);

/** The list that a playlist request is answered with: at once when it is the owner's own and no newer one is due, else held (docs/decisions/009). */
export function listFor(live: LiveStream, clock: Clock, signal: () => AbortSignal): ShownList | Promise<ShownList> {
  const list = live.list;
  if (live.isLost)
    throw new AppError('stream-unavailable', 'the server that has the stream is out of reach for too long');
  return list !== undefined && isFresh(live, list, clock.monotonic()) ? list : held(live, clock, signal());
}

function isFresh(live: LiveStream, list: ShownList, now: Instant): boolean {
  if (!live.isCurrent) return false;
  const untilDue = between(now, list.nextDue);
  return untilDue > almostDue || untilDue <= -overdue || live.isCrowded;
}

async function held(live: LiveStream, clock: Clock, signal: AbortSignal): Promise<ShownList> {
  const arrived = clock.monotonic();
  const before = live.list;
  for (;;) {
    const list = live.list;
    if (list !== undefined && (list !== before || isFresh(live, list, clock.monotonic()))) return list;
    const deadline = holdUntil(live, arrived);
    if (signal.aborted || clock.monotonic() >= deadline) {
      if (list !== undefined) return list;
      throw new AppError('stream-unavailable', 'no server of the group has segments of the stream yet');
    }
    await live.changed(deadline, signal);
  }
}

function holdUntil({ list, isCurrent }: LiveStream, arrived: Instant): Instant {
  if (list === undefined) return after(arrived, longestHold);
  return isCurrent ? after(list.nextDue, overdue) : after(arrived, takeoverHold);
}
