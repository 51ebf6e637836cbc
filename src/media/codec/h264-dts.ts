// ITU-T H.264 clause C.4 (output order) and E.2.1 (max_num_reorder_frames): decode times for sources that tell presentation times only.
import { type Ticks, ticks } from '../../units/ticks.ts';

/** MaxDpbFrames, table A-1: no stream may delay a picture by more. */
const mostReorder = 16;
/** Real encoders that don't announce their depth stay below this; more pictures out of order at once are a jump of the clock. */
const mostUnannounced = 4;
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
  /** The last presentation times in decoding order. */
  #recent: Ticks[] = [];
  /** The presentation times that were no decode time yet, ascending. */
  #window: Ticks[] = [];
  #depth = 0;
  #frame: number;
  #last: Ticks | undefined;

  constructor(timescale: number) {
    this.#timescale = timescale;
    this.#frame = timescale / assumedFrameRate;
  }

  /** What the active SPS says: max_num_reorder_frames and frames a second. Without the first, the depth is found out. */
  describe(reorderFrames: number | undefined, frameRate: number | undefined): void {
    if (frameRate !== undefined) this.#frame = this.#timescale / frameRate;
    this.#depth = Math.max(this.#depth, Math.min(reorderFrames ?? 0, mostReorder));
  }

  /**
   * The decode time of the next picture in decoding order. It is past the one before, unless the source's clock jumped; it is past
   * `pts` only for the few pictures that reveal a depth nobody announced.
   */
  next(pts: Ticks): Ticks {
    this.#learn(pts);
    if (this.#last === undefined) this.#fill(pts);
    insert(this.#window, pts);
    const due = this.#window.length > this.#depth ? this.#window.shift() : undefined;
    const dts = ticks(Math.max(due ?? Number.NEGATIVE_INFINITY, (this.#last ?? Number.NEGATIVE_INFINITY) + 1));
    this.#last = dts;
    return dts;
  }

  #learn(pts: Ticks): void {
    let shownLater = 0;
    for (const other of this.#recent) if (other > pts) shownLater += 1;
    const step = Math.abs(pts - (this.#recent.at(-1) ?? pts));
    if (step > longestStep * this.#timescale || shownLater > Math.max(this.#depth, mostUnannounced)) this.#restart();
    else if (shownLater > this.#depth) this.#depth = shownLater;
    this.#recent.push(pts);
    if (this.#recent.length > mostReorder + 1) this.#recent.shift();
  }

  /** Before the first picture nothing was shown: the window starts with what would have been. */
  #fill(pts: Ticks): void {
    this.#window = Array.from({ length: this.#depth }, (_, i) => ticks(pts - (this.#depth - i) * this.#frame));
  }

  #restart(): void {
    this.#recent = [];
    this.#window = [];
    this.#last = undefined;
  }
}

/** Pictures come nearly in order: the place is close to the end. */
function insert(ascending: Ticks[], value: Ticks): void {
  let at = ascending.length;
  while (at > 0 && (ascending[at - 1] ?? value) > value) at--;
  if (at === ascending.length) ascending.push(value);
  else ascending.splice(at, 0, value);
}
