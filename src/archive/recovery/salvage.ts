import { type Ticks, ticks } from '../../units/ticks.ts';
import type { IndexedTrack } from '../index/header.ts';
import { IndexWriter } from '../index/index-writer.ts';
import type { FragmentRecord } from '../index/record.ts';
import type { RunIndex } from '../index/run-index.ts';
import { checksumOf, type FileReading } from './file-reading.ts';
import { type FoundFragment, findFragment } from './find-fragment.ts';
import { describeFragment, leadOf, type Movie, originsFrom } from './movie.ts';
import { type Checksums, type FoundRun, mostTornBytes, type Repair } from './recovery.ts';
import { UnwrittenWatch } from './unwritten.ts';

export interface Wreck extends FoundRun {
  readonly movie: Movie;
  /** What is left of its index; absent when that is nothing, or another recording's. */
  readonly old: RunIndex | undefined;
}

/** Keeps what recording and index agree on, looks for whole fragments behind it, and ends the run there. */
export class Salvage {
  readonly #wreck: Wreck;
  readonly #checksums: Checksums;
  #draft: Draft | undefined;
  /** Fragments of the old index whose records stay where they are; taken over from behind them; and that it didn't have. */
  #kept = 0;
  #retaken = 0;
  #found = 0;
  /** Of the recording: behind the last good fragment. */
  #end: number;
  #goodBytes = 0;
  /** What the old index says of fragments that it may be wrong about, by their offsets. */
  readonly #unsure = new Map<number, FragmentRecord>();

  constructor(wreck: Wreck, checksums: Checksums) {
    this.#wreck = wreck;
    this.#checksums = checksums;
    this.#end = wreck.movie.init.length;
  }

  /** Undefined when there is no whole fragment. */
  *run(): FileReading<Repair | undefined> {
    const { old, mediaBytes } = this.#wreck;
    if (old !== undefined) yield* this.#trust(old);
    for (let at = this.#end; ; ) {
      const fragment = yield* findFragment(at, mediaBytes);
      if (fragment === undefined) break;
      at = fragment.offset + fragment.length;
      yield* this.#take(fragment);
    }
    return this.#close();
  }

  /** What was on the disk before the crash needs no second look. */
  *#trust(old: RunIndex): FileReading<void> {
    const inFile = countWithin(old, this.#wreck.mediaBytes);
    const durable = old.closing === undefined && old.count > 0 ? old.record(old.count - 1).durable : old.count;
    this.#kept = Math.min(durable, inFile);
    while (this.#kept < inFile && (yield* this.#agrees(old.record(this.#kept)))) this.#kept += 1;
    for (let i = this.#kept; i < old.count; i++) this.#unsure.set(old.offsetOf(i), old.record(i));
    const shift = this.#kept === 0 ? ticks(0) : old.record(this.#kept - 1).shift;
    const writer = IndexWriter.resume(old, this.#kept, this.#checksums.sha256);
    this.#draft = { writer, origins: old.header.tracks, shift, parts: [] };
    for (let i = 0; i < this.#kept; i++) this.#goodBytes += old.endOffset(i) - old.offsetOf(i);
    if (this.#kept > 0) this.#end = old.endOffset(this.#kept - 1);
  }

  *#agrees(record: FragmentRecord): FileReading<boolean> {
    return (yield* checksumOf(record, this.#checksums.crc32)) === record.checksum;
  }

  *#take(fragment: FoundFragment): FileReading<void> {
    const watch = new UnwrittenWatch(fragment, this.#checksums.crc32);
    const checksum = yield* checksumOf(fragment, watch.crc32);
    const told = this.#unsure.get(fragment.offset);
    // Boxes may be whole and what is in them never written.
    if (checksum === undefined || (told === undefined ? watch.found : told.checksum !== checksum)) return;
    this.#draft ??= this.#begin(fragment);
    const record = told ?? this.#describe(fragment, checksum);
    if (record === undefined || this.#draft === undefined) return;
    this.#draft.parts.push(this.#draft.writer.append(record));
    if (this.#unsure.delete(fragment.offset)) this.#retaken += 1;
    else this.#found += 1;
    this.#end = record.offset + record.length;
    this.#goodBytes += record.length;
  }

  #describe(fragment: FoundFragment, checksum: number): FragmentRecord | undefined {
    const { origins, shift } = this.#draft ?? { origins: [], shift: ticks(0) };
    return describeFragment(fragment, { movie: this.#wreck.movie, origins, shift, checksum });
  }

  /** A new index; what it says of time comes from the run's name. */
  #begin(fragment: FoundFragment): Draft | undefined {
    const { movie, stream, run } = this.#wreck;
    const lead = leadOf(movie, fragment);
    if (lead === undefined) return undefined;
    const origins = originsFrom(movie, fragment.offset === movie.init.length ? lead : undefined, run.startMs);
    const header = { stream, server: run.server, incarnation: run.incarnation, init: movie.init, tracks: origins };
    const { writer, header: first } = IndexWriter.begin(header, this.#checksums.sha256);
    return { writer, origins, shift: ticks(0), parts: [first] };
  }

  #close(): Repair | undefined {
    const { old, mediaBytes: fileBytes } = this.#wreck;
    if (this.#draft === undefined || this.#kept + this.#retaken + this.#found === 0) return undefined;
    const mediaBytes = fileBytes - this.#end <= mostTornBytes ? this.#end : fileBytes;
    const { closing, bytes } = this.#draft.writer.close(old === undefined ? 'rebuilt' : 'recovered', mediaBytes);
    return {
      kind: 'repair',
      mediaBytes,
      indexBytes: old?.bytesFor(this.#kept) ?? 0,
      append: joinedBytes([...this.#draft.parts, bytes]),
      closing,
      kept: this.#kept + this.#retaken,
      found: this.#found,
      lost: this.#unsure.size,
      strayBytes: fileBytes - this.#wreck.movie.init.length - this.#goodBytes,
    };
  }
}

/** An index in the making. */
interface Draft {
  readonly writer: IndexWriter;
  readonly origins: readonly IndexedTrack[];
  readonly shift: Ticks;
  /** What comes behind the part of the old index that stays. */
  readonly parts: Uint8Array[];
}

function joinedBytes(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** How many of the fragments the file is long enough for. */
function countWithin(index: RunIndex, fileBytes: number): number {
  let count = index.count;
  while (count > 0 && index.endOffset(count - 1) > fileBytes) count -= 1;
  return count;
}
