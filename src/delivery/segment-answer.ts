import { AppError } from '../units/app-error.ts';
import type { Clock } from '../units/clock.ts';
import type { ServerName } from '../units/ids.ts';
import { after, type Instant, type Millis, millis } from '../units/time.ts';
import type { LiveStream } from './live/live-stream.ts';
import { maxHops } from './route/hops.ts';
import type { Reach } from './route/reach.ts';
import { longestHold } from './route/way.ts';

/** How far past the list's end a number may lie and still be expected: another server's list is newer by a moment, never by more. */
const plausiblyAhead = 2;
/** Who asks for a number that was listed so lately (two lists' lengths) has an old list, and reads the new one next. */
const lately = 16;
/** A moment's difference between two servers' lists. */
const aheadHold = millis(2000);

/** Where a segment is that this server itself hasn't. */
export type SegmentPlace =
  | { readonly kind: 'elsewhere'; readonly holder: ServerName }
  /** Look again when something changed, up to `until` after the arrival; then it is `otherwise`. */
  | { readonly kind: 'wait'; readonly until: Millis; readonly otherwise: () => AppError };

interface SegmentSituation {
  readonly self: ServerName;
  readonly segment: number;
  /** The last number of the list; absent when there is no list yet. */
  readonly lastListed: number | undefined;
  /** Who has it, by any list that was seen. */
  readonly holder: ServerName | undefined;
  readonly holderOutOfReach: boolean;
  /** The list is the present owner's word: no successor is on its way that could bring the player another one. */
  readonly listIsCurrent: boolean;
  readonly hops: number;
}

/** Pure; throws the `AppError` of a request that no waiting would help. */
function placeOf(situation: SegmentSituation): SegmentPlace {
  const { self, segment, lastListed, holder, hops } = situation;
  if (holder === undefined) return unlisted(segment, lastListed);
  if (holder === self) throw gone('this server erased it');
  if (situation.holderOutOfReach) {
    const outOfReach = 'the server that has the segment is out of reach';
    // A player that waits for it doesn't load what the new list offers instead.
    if (situation.listIsCurrent) throw lost(outOfReach);
    return waitFor(longestHold, outOfReach);
  }
  if (hops >= maxHops) throw new AppError('too-many-hops', 'the servers name each other as the holder of the segment');
  return { kind: 'elsewhere', holder };
}

function unlisted(segment: number, lastListed: number | undefined): SegmentPlace {
  if (lastListed === undefined) return waitFor(longestHold, 'the stream has no segments yet');
  if (segment > lastListed + plausiblyAhead || segment <= lastListed - lately) throw gone('it is in no list');
  if (segment <= lastListed) throw lost('it died with its server, or was erased just now');
  return waitFor(aheadHold, 'the segment is not there yet');
}

/** A takeover is on its way, or the server comes to itself. */
const silentHolder = waitFor(longestHold, 'the server that has the segment does not answer');

function waitFor(until: Millis, inVain: string): SegmentPlace & { readonly kind: 'wait' } {
  return { kind: 'wait', until, otherwise: () => new AppError('stream-unavailable', inVain) };
}

/** Not 404 and no redirect: hls.js ends for good at 4xx and at a refused connection; after 5xx it goes on by the list of that moment. */
function lost(why: string): AppError {
  return new AppError('stream-unavailable', why);
}

function gone(why: string): AppError {
  return new AppError('segment-gone', `the segment is not held: ${why}`);
}

export interface SegmentSearch {
  readonly self: ServerName;
  readonly segment: number;
  readonly hops: number;
  readonly isHere: () => boolean;
}

/** Where the segment is now: `undefined` is here. Most requests need no more than this. */
export function findNow(live: LiveStream, search: SegmentSearch): SegmentPlace | undefined {
  if (search.isHere()) return undefined;
  const holder = live.holder(search.segment);
  return placeOf({
    self: search.self,
    segment: search.segment,
    lastListed: live.list?.lastNumber,
    holder,
    holderOutOfReach: holder !== undefined && live.isOutOfReach(holder),
    listIsCurrent: live.isCurrent,
    hops: search.hops,
  });
}

/** Waits until the segment is here (`undefined`) or known to be at a server that answers: whom to send the viewer to. */
export async function findSegment(
  live: LiveStream,
  search: SegmentSearch,
  options: { readonly reach: Reach; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<ServerName | undefined> {
  const { reach, clock, signal } = options;
  const arrived: Instant = clock.monotonic();
  for (;;) {
    const place = findNow(live, search);
    if (place === undefined) return undefined;
    const to = place.kind === 'elsewhere' ? reach.known(place.holder) : undefined;
    if (to !== undefined) return to;
    const { until, otherwise } = place.kind === 'wait' ? place : silentHolder;
    const deadline = after(arrived, until);
    if (signal.aborted || clock.monotonic() >= deadline) throw otherwise();
    const enough = new AbortController();
    const changed = live.changed(deadline, AbortSignal.any([signal, enough.signal]));
    await (place.kind === 'wait' ? changed : Promise.race([changed, reach.find(place.holder)]));
    enough.abort();
  }
}
