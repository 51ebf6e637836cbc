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
const samePicture = 3600;

/**
 * Where to change from a recording to one that goes on longer. At the last keyframe that both have: a hash tells that it is the same picture, and
 * then nothing is lost or shown twice, whatever the two servers say of its time. Otherwise at a keyframe of the later one, where the earlier
 * one has a border nearby or plays a little over. Undefined when the later one begins only behind the earlier one's end.
 */
export function changeOver({ earlier, end, later, begin }: Sides): ChangeOver | undefined {
  const over = end === 0 ? 0 : earlier.endOf(end - 1);
  let best: (ChangeOver & { readonly off: number }) | undefined;
  for (let enter = later.fragmentAt(over + seam); enter >= begin; enter--) {
    const time = later.startOf(enter);
    if (time < over - farthestBack && best !== undefined) break;
    if (!later.marksOf(enter).keyframe) continue;
    const same = samePictureIn(earlier, end, later.hashOf(enter), time);
    if (same !== undefined) return { leave: same, enter };
    const leave = leaveAt(earlier, end, time);
    const off = Math.abs((leave === end ? over : earlier.startOf(leave)) - time);
    if (best === undefined || off < best.off) best = { leave, enter, off };
  }
  return best;
}

/** The fragment that begins with this picture, near this time. */
function samePictureIn(index: RunIndex, end: number, hash: string, time: number): number | undefined {
  if (hash === '') return undefined;
  const from = Math.max(0, index.fragmentAt(time - farthestOff));
  for (let i = from; i < end && index.startOf(i) <= time + farthestOff; i++) if (index.hashOf(i) === hash) return i;
  return undefined;
}

/** The first fragment that isn't needed when something else begins at this time. */
function leaveAt(index: RunIndex, end: number, time: number): number {
  const at = index.fragmentAt(time + samePicture);
  const isBorder = at >= 0 && Math.abs(index.startOf(at) - time) <= samePicture;
  return Math.min(end, isBorder ? at : at + 1);
}
