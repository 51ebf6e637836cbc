import type { SegmentLocation } from '../facts/protocol.ts';

/** ISO/IEC 14496-12, 8.8.12: `baseMediaDecodeTime` of a version 1 `tfdt` has 64 bits. */
const decodeTimeBytes = 8;

/**
 * Moves the fragments in `piece` onto the group's timeline: puts the decode times that lie in it, or reach into it, in their places.
 * `piece` holds the segment's bytes from `pieceStart` on.
 */
export function patchDecodeTimes(piece: Uint8Array, pieceStart: number, location: SegmentLocation): void {
  for (const { at, value } of location.decodeTimes) {
    const offset = at - pieceStart;
    if (offset <= -decodeTimeBytes || offset >= piece.length) continue;
    if (offset >= 0 && offset + decodeTimeBytes <= piece.length) {
      new DataView(piece.buffer, piece.byteOffset).setBigUint64(offset, value);
    } else {
      patchAcrossBorder(piece, offset, value);
    }
  }
}

/** The field begins before the piece or ends behind it. */
function patchAcrossBorder(piece: Uint8Array, offset: number, value: bigint): void {
  const bytes = new Uint8Array(decodeTimeBytes);
  new DataView(bytes.buffer).setBigUint64(0, value);
  for (let i = 0; i < decodeTimeBytes; i++) {
    const byte = bytes[i];
    if (byte !== undefined && offset + i >= 0 && offset + i < piece.length) piece[offset + i] = byte;
  }
}
