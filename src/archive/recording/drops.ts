import { ticks } from '../../units/ticks.ts';
import { type Span, seam } from '../span/span.ts';

/** A stretch of time that was captured and is not in the archive. */
export interface Drop extends Span {
  readonly fragments: number;
  readonly bytes: number;
  /** The system's word for it (`ENOSPC`, `EIO`), or `slow`: the disk took less than came, for longer than memory lasts. */
  readonly why: string;
}

/** More is told as one longer stretch: it is for people. */
const mostStretches = 100;

/** What of a stream is lost to the archive, gathered until somebody tells it. */
export class Drops {
  #stretches: Drop[] = [];

  /** In the order of time. */
  add(drop: Drop): void {
    const last = this.#stretches.at(-1);
    const follows = last !== undefined && last.why === drop.why && drop.start - last.end <= seam;
    if (last === undefined || (!follows && this.#stretches.length < mostStretches)) this.#stretches.push(drop);
    else this.#stretches[this.#stretches.length - 1] = merged(last, drop);
  }

  /** All since the last time. */
  take(): Drop[] {
    return this.#stretches.splice(0);
  }
}

function merged(a: Drop, b: Drop): Drop {
  return {
    start: a.start,
    end: ticks(Math.max(a.end, b.end)),
    fragments: a.fragments + b.fragments,
    bytes: a.bytes + b.bytes,
    why: b.why,
  };
}
