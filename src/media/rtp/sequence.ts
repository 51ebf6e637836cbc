// RFC 3550 clause 6.4.1 and appendix A.1: what sequence numbers tell of loss.

/** Over TCP nothing comes late; a small step back is a repeated packet, a large one a source that began anew. */
const mostRepeated = 64;
/** MAX_DROPOUT of appendix A.1: a larger step ahead is a source that began anew, too. */
const mostLost = 3000;

/** Follows one sender's sequence numbers. */
export class SequenceCheck {
  #expected: number | undefined;
  #ssrc: number | undefined;
  #cycles = 0;
  #lost = 0;

  /** Packets lost since the last call, all times; may be told to the sender. */
  get lost(): number {
    return this.#lost;
  }

  get ssrc(): number | undefined {
    return this.#ssrc;
  }

  /** RFC 3550: the highest sequence number with its count of cycles. */
  get highest(): number {
    return (this.#cycles * 65_536 + (((this.#expected ?? 0) - 1) & 0xffff)) >>> 0;
  }

  /** How many packets are missing in front of this one; -1 when it has been here already; `restart` when counting began anew. */
  next(sequence: number, ssrc: number): number | 'restart' {
    const expected = this.#ssrc === ssrc ? this.#expected : undefined;
    const isFirst = this.#ssrc === undefined;
    const step = expected === undefined ? 0 : (sequence - expected) & 0xffff;
    if (step >= 65_536 - mostRepeated) return -1;
    this.#ssrc = ssrc;
    if (sequence === 0xffff) this.#cycles++;
    this.#expected = (sequence + 1) & 0xffff;
    if (expected === undefined && !isFirst) return 'restart';
    if (step > mostLost) return 'restart';
    this.#lost += step;
    return step;
  }
}
