import type { Closing } from '../index/closing.ts';
import { recordBytes } from '../index/record.ts';
import { type RunIndex, readIndex } from '../index/run-index.ts';
import { checksumOf, type FileReading } from './file-reading.ts';
import { readMovie } from './movie.ts';
import type { Checksums } from './recovery.ts';

/** What is found by reading all of a run. */
export type Verdict =
  | { readonly kind: 'good'; readonly closing: Closing }
  /** Fragments that are not what was recorded; the others are. `whole`: but for them recording and index are complete. */
  | { readonly kind: 'damaged'; readonly fragments: readonly number[]; readonly whole: boolean }
  /** The index says nothing of this recording. */
  | { readonly kind: 'unknown' };

/** Reads a recording from end to end and compares it with its index: a copy before it is confirmed, or an archive that is looked over. */
export function* verifyRun(
  run: { readonly mediaBytes: number; readonly index: Uint8Array },
  { crc32, sha256 }: Checksums,
): FileReading<Verdict> {
  const read = readIndex(run.index);
  const movie = yield* readMovie(crc32);
  if (read.kind !== 'index' || movie === undefined) return { kind: 'unknown' };
  const { index, tail } = read;
  const { init } = index.header;
  if (init.length !== movie.init.length || init.checksum !== movie.init.checksum) return { kind: 'unknown' };
  const fragments: number[] = [];
  for (let i = 0; i < index.count; i++) {
    const range = { offset: index.offsetOf(i), length: index.endOffset(i) - index.offsetOf(i) };
    if ((yield* checksumOf(range, crc32)) !== index.record(i).checksum) fragments.push(i);
  }
  const closing = tail === 'whole' ? closingOf(index, sha256) : undefined;
  const whole = closing !== undefined && closing.bytes === run.mediaBytes;
  if (closing !== undefined && whole && fragments.length === 0) return { kind: 'good', closing };
  return { kind: 'damaged', fragments, whole };
}

/** If it belongs to what is before it. */
function closingOf({ closing, bytes }: RunIndex, sha256: Checksums['sha256']): Closing | undefined {
  const digest = sha256();
  digest.update(bytes.subarray(0, -recordBytes));
  return closing !== undefined && closing.digest === digest.hex() ? closing : undefined;
}
