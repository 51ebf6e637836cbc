// ISO/IEC 13818-1 clause 2.4.3.3 (continuity_counter) and 2.4.3.5 (discontinuity_indicator).

/** After so many wrong counters in a row the sender doesn't count: its packets are taken as they come. */
const wrongCountersForGood = 32;

/** `next`: nothing is missing. `repeat`: the same packet again. `gap`: packets are missing in front of it. `restart`: a gap that was announced. */
export type Continuity = 'next' | 'repeat' | 'gap' | 'restart';

/** Follows the continuity counter of one PID. */
export class ContinuityCheck {
  #last = -1;
  #lastTail = 0;
  #wrong = 0;

  /** The counters of this PID mean nothing. */
  get meaningless(): boolean {
    return this.#wrong >= wrongCountersForGood;
  }

  /** Of the packet at `at`, which must have a payload. */
  judge(bytes: Uint8Array, at: number): Continuity {
    const counter = (bytes[at + 3] as number) & 15;
    const last = this.#last;
    const tail = tailOf(bytes, at);
    const repeated = counter === last && tail === this.#lastTail;
    this.#last = counter;
    this.#lastTail = tail;
    if (last === -1 || this.meaningless) return 'next';
    if (counter === ((last + 1) & 15)) {
      this.#wrong = 0;
      return 'next';
    }
    if (repeated) return 'repeat';
    if (announced(bytes, at)) return 'restart';
    this.#wrong += 1;
    return 'gap';
  }
}

/** The packet's last bytes stand for the packet: comparing all would cost a copy of each. */
function tailOf(bytes: Uint8Array, at: number): number {
  const end = at + 188;
  return (
    ((bytes[end - 1] as number) << 24) |
    ((bytes[end - 2] as number) << 16) |
    ((bytes[end - 3] as number) << 8) |
    (bytes[end - 4] as number)
  );
}

function announced(bytes: Uint8Array, at: number): boolean {
  const hasAdaptation = ((bytes[at + 3] as number) & 0x20) !== 0;
  return hasAdaptation && bytes[at + 4] !== 0 && ((bytes[at + 5] as number) & 0x80) !== 0;
}
