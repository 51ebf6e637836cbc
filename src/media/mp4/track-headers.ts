// ISO/IEC 14496-12 clause 8.3 and 8.4, read back: which tracks a movie header announces.
import { findBoxes, readBoxes } from './box-reader.ts';

export interface TrackHeader {
  /** `track_ID`. */
  readonly id: number;
  readonly kind: 'video' | 'audio' | 'other';
  readonly timescale: number;
}

/** Of bytes that begin with `ftyp` and a whole `moov`, in the order of the file; undefined when they don't. */
export function readTrackHeaders(
  bytes: Uint8Array,
): { readonly tracks: readonly TrackHeader[]; readonly length: number } | undefined {
  const [ftyp, moov] = readBoxes(bytes);
  if (ftyp?.type !== 'ftyp' || moov?.type !== 'moov') return undefined;
  const traks = readBoxes(bytes, moov.content, moov.end).filter(({ type }) => type === 'trak');
  const tracks = traks.map(({ content, end }) => readTrack(bytes.subarray(content, end)));
  const known = tracks.filter((track) => track !== undefined);
  return known.length > 0 && known.length === tracks.length ? { tracks: known, length: moov.end } : undefined;
}

const kinds: Readonly<Record<string, TrackHeader['kind']>> = { vide: 'video', soun: 'audio' };

function readTrack(trak: Uint8Array): TrackHeader | undefined {
  const [header] = findBoxes(trak, 'tkhd');
  const [media] = findBoxes(trak, 'mdia/mdhd');
  const [handler] = findBoxes(trak, 'mdia/hdlr');
  if (header === undefined || media === undefined || handler === undefined) return undefined;
  // In version 1 two times in front of the field have 64 bits instead of 32.
  const idAt = header.content + (trak[header.content] === 1 ? 20 : 12);
  const timescaleAt = media.content + (trak[media.content] === 1 ? 20 : 12);
  const typeAt = handler.content + 8;
  if (idAt + 4 > header.end || timescaleAt + 4 > media.end || typeAt + 4 > handler.end) return undefined;
  const view = new DataView(trak.buffer, trak.byteOffset, trak.byteLength);
  const type = String.fromCharCode(...trak.subarray(typeAt, typeAt + 4));
  const timescale = view.getUint32(timescaleAt);
  return timescale === 0 ? undefined : { id: view.getUint32(idAt), kind: kinds[type] ?? 'other', timescale };
}
