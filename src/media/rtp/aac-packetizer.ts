// RFC 3640 clause 3.3.6: AAC-hbr, one or several whole frames in a packet.
import { writeWord } from './packet.ts';

/** The fmtp parameters that this payload goes with. */
export const aacHbr = { size: 13, index: 3, indexDelta: 3 } as const;

/** A payload with whole frames, which must fit into it; the marker is set. */
export function packetizeAac(frames: readonly Uint8Array[]): Uint8Array {
  const headers = 2 + 2 * frames.length;
  const out = new Uint8Array(frames.reduce((sum, frame) => sum + frame.length, headers));
  writeWord(out, 0, 16 * frames.length);
  let at = headers;
  for (const [i, frame] of frames.entries()) {
    writeWord(out, 2 + 2 * i, frame.length << 3);
    out.set(frame, at);
    at += frame.length;
  }
  return out;
}
