// ITU-T H.264 clause C.4 (output order) and E.2.1 (max_num_reorder_frames): decode times for sources that tell presentation times only.
import { type Ticks, ticks } from '../../units/ticks.ts';

/** MaxDpbFrames, table A-1: no stream may delay a picture by more. */
const mostReorder = 16;
/** Frames a second when the stream doesn't say; only the first few decode times depend on it. */
const assumedFrameRate = 30;
/** A step of the source's clock beyond this, in seconds, is a jump and not reordering. */
const longestStep = 10;

/**
 * RTP says when a picture is shown, not when it is decoded. With a reorder depth of d the n-th picture in decoding order is decoded
 * when the (n-d)-th in presentation order is shown: the smallest of the last d+1 presentation times. So no picture waits for a later
 * one, decode times rise and never pass presentation, and with d = 0 they are equal.
 */
export class H264DecodeTimes {
  readonly #timescale: number;
  /** The presentation times that were no decode time yet, ascending. */
  #window: Ticks[] = [];
  #depth = 0;
  #frame: number;
  #last: Ticks | undefined;
  #newest: Ticks | undefined;

  constructor(timescale: number) {
    this.#timescale = timescale;
    this.#frame = timescale / assumedFrameRate;
  }

  /**
   * What the active SPS says. Many cameras say nothing of reordering: then it is found out, and the first time that a picture comes
   * out of order its decode time is squeezed in behind the one before.
   */
  describe(reorderFrames: number | undefined, frameRate: number | undefined): void {
    if (frameRate !== undefined) this.#frame = this.#timescale / frameRate;
    if (reorderFrames === undefined || reorderFrames <= this.#depth) return;
    this.#deepen(Math.min(reorderFrames, mostReorder));
  }

  /** The decode time of the next picture in decoding order: past the one before, and at `pts` at the latest unless they collide. */
  next(pts: Ticks): Ticks {
    if (this.#newest !== undefined && Math.abs(pts - this.#newest) > longestStep * this.#timescale) this.#restart();
    this.#newest = pts;
    if (this.#last === undefined) this.#fill(pts);
    else if (pts <= this.#last) this.#deepen(Math.min(this.#depth + 1, mostReorder));
    insert(this.#window, pts);
    const due = this.#window.length > this.#depth ? this.#window.shift() : undefined;
    const after = this.#last === undefined ? undefined : ticks(this.#last + 1);
    const dts = due === undefined || (after !== undefined && due < after) ? (after ?? pts) : due;
    this.#last = dts;
    return dts;
  }

  /** Before the first picture nothing was shown: the window starts with what would have been. */
  #fill(pts: Ticks): void {
    this.#window = Array.from({ length: this.#depth }, (_, i) => ticks(pts - (this.#depth - i) * this.#frame));
  }

  #deepen(depth: number): void {
    this.#depth = depth;
  }

  #restart(): void {
    this.#window = [];
    this.#last = undefined;
  }
}

/** Pictures come nearly in order: the place is close to the end. */
function insert(ascending: Ticks[], value: Ticks): void {
  let at = ascending.length;
  while (at > 0 && (ascending[at - 1] ?? value) > value) at--;
  ascending.splice(at, 0, value);
}
