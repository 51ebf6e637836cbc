import { type Ticks, ticks } from '../../units/ticks.ts';
import { joined, type Span } from '../span/span.ts';
import { type Closing, decodeClosing } from './closing.ts';
import { getWhole, viewOf } from './fields.ts';
import { decodeHeader, type RunHeader } from './header.ts';
import {
  type FragmentMarks,
  type FragmentRecord,
  isRecord,
  readHash,
  readMarks,
  readRecord,
  recordBytes,
} from './record.ts';

/** How an index ends: as it should, within a record, or with a record that is none of it. */
type IndexTail = 'whole' | 'torn' | 'spoilt';

export type ReadIndex =
  | { readonly kind: 'index'; readonly index: RunIndex; readonly tail: IndexTail }
  | { readonly kind: 'newer'; readonly version: number }
  | { readonly kind: 'spoilt' };

/** Reads the good part of an index. Never throws; holds on to `bytes` and to nothing else. */
export function readIndex(bytes: Uint8Array): ReadIndex {
  const read = decodeHeader(bytes);
  if (read.kind !== 'header') return read;
  const { header, length, checksum: seed } = read;
  let [count, offset] = [0, header.init.length];
  let at = length;
  for (; at + recordBytes <= bytes.length; at += recordBytes) {
    const end = endOfRecord(bytes, at, seed, offset);
    if (end === undefined) break;
    offset = end;
    count += 1;
  }
  const records = { seed, from: length, count };
  const closing = decodeClosing(bytes.subarray(at, at + recordBytes));
  const good = bytes.subarray(0, closing === undefined ? at : at + recordBytes);
  const rest = bytes.length - good.length;
  const tail = rest === 0 ? 'whole' : rest < recordBytes && closing === undefined ? 'torn' : 'spoilt';
  return { kind: 'index', index: new RunIndex(good, header, records, closing), tail };
}

/** Where the fragment ends in the recording if there is a good record of it, behind those before it. */
function endOfRecord(bytes: Uint8Array, at: number, seed: number, least: number): number | undefined {
  if (!isRecord(bytes, at, seed)) return undefined;
  const view = viewOf(bytes);
  const offset = getWhole(view, at) ?? -1;
  return offset < least ? undefined : offset + view.getUint32(at + 8, true);
}

interface Records {
  readonly seed: number;
  /** Where the first lies. */
  readonly from: number;
  readonly count: number;
}

/** The good part of an index, read where it lies: an hour's has some 7,000 records in less than half a megabyte. */
export class RunIndex {
  /** Header, records and the closing one, as they were read. */
  readonly bytes: Uint8Array;
  readonly header: RunHeader;
  /** Absent while the run is recorded, or when its recorder died. */
  readonly closing: Closing | undefined;
  /** Fragments; they are counted from 0, and no index of theirs ever changes. */
  readonly count: number;
  readonly #view: DataView;
  readonly #records: Records;

  /** Made by `readIndex`. */
  constructor(bytes: Uint8Array, header: RunHeader, records: Records, closing: Closing | undefined) {
    this.bytes = bytes;
    this.header = header;
    this.closing = closing;
    this.count = records.count;
    this.#view = viewOf(bytes);
    this.#records = records;
  }

  /** The CRC of the header, from which the records' go on. */
  get seed(): number {
    return this.#records.seed;
  }

  /** UTC of the first fragment's start; nothing is recorded before it. */
  get start(): Ticks {
    return ticks(this.count === 0 ? 0 : this.startOf(0));
  }

  /** UTC of the last end. */
  get end(): Ticks {
    return this.closing?.end ?? this.spans().at(-1)?.end ?? ticks(0);
  }

  /** What is recorded, in order: one span, or more where something is missing. */
  spans(): Span[] {
    return joined(Array.from({ length: this.count }, (_, i) => ({ start: this.startOf(i), end: this.endOf(i) })));
  }

  /** Of the recording, as far as the index knows. */
  get mediaBytes(): number {
    return this.closing?.bytes ?? (this.count === 0 ? this.header.init.length : this.endOffset(this.count - 1));
  }

  /** How many bytes of the index the first so many fragments take. */
  bytesFor(fragments: number): number {
    return this.#records.from + fragments * recordBytes;
  }

  record(i: number): FragmentRecord {
    return readRecord(this.#view, this.#at(i));
  }

  /** As `record(i)` has them, for less. */
  marksOf(i: number): FragmentMarks {
    return readMarks(this.#view, this.#at(i));
  }

  hashOf(i: number): string {
    return readHash(this.#view, this.#at(i));
  }

  startOf(i: number): Ticks {
    return ticks(getWhole(this.#view, this.#at(i) + 16) ?? 0);
  }

  endOf(i: number): Ticks {
    return ticks(this.startOf(i) + this.#view.getUint32(this.#at(i) + 12, true));
  }

  offsetOf(i: number): number {
    return getWhole(this.#view, this.#at(i)) ?? 0;
  }

  endOffset(i: number): number {
    return this.offsetOf(i) + this.#view.getUint32(this.#at(i) + 8, true);
  }

  /** The last fragment that starts at or before this time; -1 when none does. Starts are in order, or nearly so. */
  fragmentAt(time: number): number {
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.startOf(middle) <= time) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #at(i: number): number {
    if (i < 0 || i >= this.count) throw new RangeError(`there is no fragment ${i}`);
    return this.#records.from + i * recordBytes;
  }
}
