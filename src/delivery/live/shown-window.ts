import type { LiveWindow } from '../../hls/live-window.ts';
import { farBehind } from '../../hls/segmenter.ts';
import { timescale90k } from '../../units/ticks.ts';
import { type Millis, millis } from '../../units/time.ts';

/**
 * An owner that is behind what was shown catches up within this: its clock is waited for 10 s at most, and its first segments take a while.
 * One that is behind for longer counts otherwise and may never catch up; a list that begins anew ends a player, but a list that never moves
 * ends all of them.
 */
export const longestBehind = millis(30_000);
/**
 * In target durations, of which no segment is longer: so many segments an owner makes until it has what was shown, or has leapt behind it
 * (`farBehind` in hls/segmenter.ts), and one more. Counts where it is longer than `longestBehind`.
 */
export const longestBehindTargets = farBehind + 1;

/**
 * What a playlist shows next, when `shown` is what it showed so far and `received` is the owner's newest word.
 * A player that sees numbers go back dies (docs/decisions/009), so neither the end nor the beginning of the list ever does:
 * a successor that knows less than its predecessor had published is not believed until it is past that, or was `behindFor` too long.
 * Nor is one that begins anew until its list is long enough for players to find their place in it.
 */
export function nextShown(
  shown: LiveWindow | undefined,
  received: LiveWindow,
  behindFor: Millis = millis(0),
): LiveWindow | undefined {
  const last = received.segments.at(-1);
  if (last === undefined) return shown;
  const before = shown?.segments ?? [];
  const [first] = before;
  const end = before.at(-1);
  if (first === undefined || end === undefined) return received;
  const isBehind = last.number < end.number || (beginsAnew(received, end.number) && !isLongEnough(received));
  if (isBehind) return behindFor < patience(received) ? shown : received;
  return startingAt(received, first.number);
}

function patience({ targetDuration }: LiveWindow): Millis {
  return millis(Math.max(longestBehind, longestBehindTargets * targetDuration * 1_000));
}

/** It has nothing of what was shown, up to `end`. */
function beginsAnew(window: LiveWindow, end: number): boolean {
  return (window.segments[0]?.number ?? end) > end;
}

/**
 * hls.js, when it looks for its place in a list, keeps a target duration away from the end: in a shorter list that is before the beginning,
 * where it waits for segments that never come, until the list has grown by some more.
 */
function isLongEnough(window: LiveWindow): boolean {
  const duration = window.segments.reduce((sum, segment) => sum + segment.duration, 0);
  return Math.round(duration / timescale90k) >= window.targetDuration;
}

function startingAt(window: LiveWindow, first: number): LiveWindow {
  if ((window.segments[0]?.number ?? first) >= first) return window;
  return { ...window, segments: window.segments.filter((segment) => segment.number >= first) };
}
