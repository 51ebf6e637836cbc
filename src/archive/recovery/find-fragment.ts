import { type FragmentTrack, readFragmentHead } from '../../media/mp4/fragment-head.ts';
import { type ByteRange, type FileReading, mostAtOnce } from './file-reading.ts';

/** A whole fragment in a recording. */
export interface FoundFragment extends ByteRange {
  readonly tracks: readonly FragmentTrack[];
}

/** Enough for the `moof` of a second at hundreds of frames, and what follows it. */
const headBytes = 16 * 1024;
const boxHeaderBytes = 8;
const moofType = new TextEncoder().encode('moof');

/** The first whole fragment at `from` or behind it, past whatever else lies there; undefined when none is left. */
export function* findFragment(from: number, fileBytes: number): FileReading<FoundFragment | undefined> {
  let at: number | undefined = from;
  while (at !== undefined && at < fileBytes) {
    const found: FoundFragment | undefined = yield* fragmentAt(at, fileBytes);
    if (found !== undefined) return found;
    at = yield* findMoof(at + 1, fileBytes);
  }
  return undefined;
}

function* fragmentAt(offset: number, fileBytes: number): FileReading<FoundFragment | undefined> {
  let head = yield { offset, length: headBytes };
  const moof = boxAt(head, 0);
  if (moof?.type !== 'moof' || moof.size + boxHeaderBytes > mostAtOnce) return undefined;
  if (moof.size + boxHeaderBytes > head.length) head = yield { offset, length: moof.size + boxHeaderBytes };
  const mdat = boxAt(head, moof.size);
  if (mdat?.type !== 'mdat' || offset + moof.size + mdat.size > fileBytes) return undefined;
  const tracks = readFragmentHead(head.subarray(0, moof.size));
  return tracks === undefined ? undefined : { offset, length: moof.size + mdat.size, tracks };
}

/** ISO/IEC 14496-12 clause 4.2, with the sizes that this project writes: 32 bits, never `to the end of the file`. */
function boxAt(bytes: Uint8Array, at: number): { readonly type: string; readonly size: number } | undefined {
  if (at + boxHeaderBytes > bytes.length) return undefined;
  const size = new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0);
  if (size < boxHeaderBytes) return undefined;
  return { type: String.fromCharCode(...bytes.subarray(at + 4, at + boxHeaderBytes)), size };
}

/** Where a box may begin that calls itself `moof`. */
function* findMoof(from: number, fileBytes: number): FileReading<number | undefined> {
  for (let offset = from; offset < fileBytes; ) {
    const bytes = yield { offset, length: mostAtOnce };
    const found = indexOfType(bytes);
    if (found !== undefined) return offset + found;
    if (bytes.length < boxHeaderBytes) return undefined;
    // The next box may begin in what was just seen.
    offset += bytes.length - boxHeaderBytes + 1;
  }
  return undefined;
}

function indexOfType(bytes: Uint8Array): number | undefined {
  const [first = 0, ...rest] = moofType;
  for (let at = bytes.indexOf(first, 4); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (rest.every((letter, i) => bytes[at + 1 + i] === letter)) return at - 4;
  }
  return undefined;
}
