// ISO/IEC 13818-1 clause 2.4.3.7: a timestamp belongs to the first access unit that begins in its PES packet.
import type { Ticks } from '../../units/ticks.ts';
import type { PesTime } from './pes.ts';
import type { ProgramClock } from './timestamp.ts';

/** PES packets in one access unit; some encoders send one for each slice. More come from damage, and the oldest is forgotten. */
const mostMarks = 1024;

export interface MarkedTime {
  readonly pts: Ticks;
  readonly dts: Ticks;
}

interface Mark {
  /** Where in the byte stream the PES packet begins. */
  readonly at: number;
  /** `undefined` when it has none, or when an access unit took it. */
  time: MarkedTime | undefined;
}

/** Remembers which timestamps stand where in a byte stream until the access units that they belong to are found. */
export class TimeMarks {
  readonly #clock: ProgramClock;
  #marks: Mark[] = [];

  constructor(clock: ProgramClock) {
    this.#clock = clock;
  }

  add(at: number, time: PesTime | undefined): void {
    const marked =
      time === undefined ? undefined : { dts: this.#clock.unwrap(time.dts), pts: this.#clock.unwrap(time.pts) };
    const last = this.#marks.at(-1);
    if (last?.at === at) last.time = marked;
    else this.#marks.push({ at, time: marked });
    if (this.#marks.length > mostMarks) this.#marks.shift();
  }

  /** The time of the access unit that begins at `begin`, for the first that asks; forgets the marks in front of it. */
  take(begin: number): MarkedTime | undefined {
    const behind = this.#marks.findIndex((mark) => mark.at > begin);
    const newest = (behind < 0 ? this.#marks.length : behind) - 1;
    if (newest > 0) this.#marks.splice(0, newest);
    const mark = newest < 0 ? undefined : this.#marks[0];
    const time = mark?.time;
    if (mark !== undefined) mark.time = undefined;
    return time;
  }

  clear(): void {
    this.#marks = [];
  }
}
