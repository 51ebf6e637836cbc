// ISO/IEC 13818-1 clause 2.4.3.3: continuity_counter goes up by one with each packet of a PID that has a payload.
//
//   const rewriter = new ContinuityRewriter();
//   rewriter.rewrite(chunk)    in place, chopped anywhere; returns the chunk
//   rewriter.splice()          the next chunk is the beginning of another stream, to be joined without a gap

import { nullPid, packetBytes } from './ts-packet.ts';

const pidCount = 8192;
/** Nothing was sent on that PID yet: its first counter is kept. */
const unset = 255;

/** Counts the packets of what was made by several muxers as if it were by one. Expects whole, sound packets. */
export class ContinuityRewriter {
  readonly #counters = new Uint8Array(pidCount).fill(unset);
  /** Bytes of the current packet that have gone by. */
  #phase = 0;
  #pid = 0;

  rewrite(chunk: Uint8Array): Uint8Array {
    let at = -this.#phase;
    for (; at < chunk.length; at += packetBytes) {
      if (at + 1 >= 0 && at + 1 < chunk.length) this.#pid = ((chunk[at + 1] ?? 0) & 31) << 8;
      if (at + 2 >= 0 && at + 2 < chunk.length) this.#pid |= chunk[at + 2] ?? 0;
      if (at + 3 >= 0 && at + 3 < chunk.length) chunk[at + 3] = this.#count(chunk[at + 3] ?? 0);
    }
    this.#phase = (chunk.length - (at - packetBytes)) % packetBytes;
    return chunk;
  }

  /** What was left of a cut packet is the reader's loss; counting goes on. */
  splice(): void {
    this.#phase = 0;
  }

  #count(fourth: number): number {
    if (this.#pid === nullPid) return fourth;
    const last = this.#counters[this.#pid] ?? unset;
    const hasPayload = (fourth & 0x10) !== 0;
    const next = last === unset ? fourth & 15 : (last + (hasPayload ? 1 : 0)) & 15;
    this.#counters[this.#pid] = next;
    return (fourth & 0xf0) | next;
  }
}
