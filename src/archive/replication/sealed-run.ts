import type { StreamName } from '../../units/ids.ts';
import type { Closing } from '../index/closing.ts';
import type { RunName } from '../layout/run-name.ts';
import type { Span } from '../span/span.ts';

/** A run that is ended, as servers speak of it: those of equal name, length and digest are equal to the last byte. */
export interface SealedRun extends Span {
  readonly stream: StreamName;
  readonly name: RunName;
  /** Of the recording. */
  readonly bytes: number;
  /** SHA-256 of its index before the closing record, hexadecimal (index/closing.ts). */
  readonly digest: string;
}

export function sealedRun(stream: StreamName, name: RunName, closing: Closing): SealedRun {
  const { start, end, bytes, digest } = closing;
  return { stream, name, start, end, bytes, digest };
}

/** Of two runs of one name: whether they are copies of each other. */
export function sameRecording(a: SealedRun, b: SealedRun): boolean {
  return a.bytes === b.bytes && a.digest === b.digest;
}
