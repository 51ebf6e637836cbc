import type { StreamName } from '../../units/ids.ts';
import type { Closing } from '../index/closing.ts';
import type { Crc32 } from '../index/crc32.ts';
import type { Sha256 } from '../index/index-writer.ts';
import type { RunName } from '../layout/run-name.ts';

/** A run as a start finds it on the disk. */
export interface FoundRun {
  readonly stream: StreamName;
  readonly run: RunName;
  /** The recording's length. */
  readonly mediaBytes: number;
  /** All of the index; absent when there is none. */
  readonly index: Uint8Array | undefined;
}

/** The ports to what is computed over much. */
export interface Checksums {
  readonly crc32: Crc32;
  readonly sha256: Sha256;
}

/**
 * A crash leaves less than this behind the last whole fragment. What is longer is damage of another kind, and is not cut off: somebody may
 * get something out of it.
 */
export const mostTornBytes = 64 * 1024 * 1024;

/**
 * What is to be done about a run that its recorder did not end, as a process dies or a machine does. To be carried out in this order, each
 * step on the disk before the next: index, then recording. Done by half it is found and decided again.
 */
export type Recovery =
  /** Nothing: recording and index agree to the end. */
  | { readonly kind: 'sound'; readonly closing: Closing }
  | Repair
  /** Nothing was recorded but a beginning: both files may go. */
  | { readonly kind: 'empty' }
  /** No recording that this program knows, and too much of it to be a torn beginning: to be told and left alone. */
  | { readonly kind: 'unreadable' }
  /** The index is a later version's: to be left alone. */
  | { readonly kind: 'newer'; readonly version: number };

export interface Repair {
  readonly kind: 'repair';
  /** How much of the recording stays. */
  readonly mediaBytes: number;
  /** How much of the index stays; 0: it is written anew, beside the old one, and takes its place. */
  readonly indexBytes: number;
  /** What is then written behind it; ends with the closing record. */
  readonly append: Uint8Array;
  readonly closing: Closing;
  /** Fragments that recording and index agree on. */
  readonly kept: number;
  /** Whole fragments that the index didn't have. */
  readonly found: number;
  /** Fragments that the index has and whose bytes are others. */
  readonly lost: number;
  /** Bytes that are no fragment: the torn tail, and damage. */
  readonly strayBytes: number;
}
