import { timescale90k } from '../../units/ticks.ts';
import type { RunIndex } from '../index/run-index.ts';
import { seam } from '../span/span.ts';

/** Where one recording is left and the next is entered; fragments. */
export interface ChangeOver {
  /** The first of the earlier recording that isn't played. */
  readonly leave: number;
  /** The first of the later one that is. */
  readonly enter: number;
}

export interface Sides {
  readonly earlier: RunIndex;
  /** The first fragment behind what plays of it. */
  readonly end: number;
  readonly later: RunIndex;
  /** Its first fragment that may be played. */
  readonly begin: number;
}

/** How far back from the end of the earlier recording a common picture is looked for: some segments. */
const farthestBack = 30 * timescale90k;
/** Servers hear one camera at different times, but not by more than this. */
const farthestOff = 2 * timescale90k;
/** Two servers' times for a fragment's beginning that differ by no more than a picture lasts. */
const onePicture = 3600;

/**
 * Where to change from a recording to one that goes on longer. At the last keyframe that both have: a hash tells that it is the same picture, and
 * then nothing is lost or shown twice, whatever the two servers say of its time. Otherwise at a keyframe of the later one, where the earlier
 * one has a border nearby or plays a little over. Undefined when the later one begins only behind the earlier one's end.
 */
export function changeOver(sides: Sides): ChangeOver | undefined {
  const { earlier, end, later, begin } = sides;
  const over = end === 0 ? 0 : earlier.endOf(end - 1);
  let best: (ChangeOver & { readonly off: number }) | undefined;
  for (let enter = later.fragmentAt(over + seam); enter >= begin; enter--) {
    const time = later.startOf(enter);
    if (time < over - farthestBack && best !== undefined) break;
    if (!later.marksOf(enter).keyframe) continue;
    const same = samePicture(sides, enter);
    if (same !== undefined) return { leave: same, enter };
    const leave = leaveAt(earlier, end, time);
    const off = Math.abs((leave === end ? over : earlier.startOf(leave)) - time);
    if (best === undefined || off < best.off) best = { leave, enter, off };
  }
  return best;
}

/** The fragment of the earlier recording that begins with the same picture as this one of the later. */
function samePicture({ earlier, end, later }: Sides, enter: number): number | undefined {
  const hash = later.hashOf(enter);
  if (hash === '' || !isDistinct(later, enter)) return undefined;
  const time = later.startOf(enter);
  const from = Math.max(0, earlier.fragmentAt(time - farthestOff));
  for (let i = from; i < end && earlier.startOf(i) <= time + farthestOff; i++) if (earlier.hashOf(i) === hash) return i;
  return undefined;
}

/** A camera that shows nothing new may send the same keyframe again and again: then it tells no time. */
function isDistinct(index: RunIndex, fragment: number): boolean {
  const [hash, time] = [index.hashOf(fragment), index.startOf(fragment)];
  const from = Math.max(0, index.fragmentAt(time - 2 * farthestOff));
  for (let i = from; i < index.count && index.startOf(i) <= time + 2 * farthestOff; i++) {
    if (i !== fragment && index.hashOf(i) === hash) return false;
  }
  return true;
}

/** The first fragment that isn't needed when something else begins at this time. */
function leaveAt(index: RunIndex, end: number, time: number): number {
  const at = index.fragmentAt(time + onePicture);
  const isBorder = at >= 0 && Math.abs(index.startOf(at) - time) <= onePicture;
  return Math.min(end, isBorder ? at : at + 1);
}
