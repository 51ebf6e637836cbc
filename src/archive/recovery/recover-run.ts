import { type RunIndex, readIndex } from '../index/run-index.ts';
import type { FileReading } from './file-reading.ts';
import { type Movie, readMovie } from './movie.ts';
import { type Checksums, type FoundRun, mostTornBytes, type Recovery } from './recovery.ts';
import { Salvage } from './salvage.ts';

/** Decides what becomes of a run whose end nobody wrote, or whose index is gone; reads the recording. Never throws, whatever it finds. */
export function* recoverRun(found: FoundRun, checksums: Checksums): FileReading<Recovery> {
  const read = found.index === undefined ? undefined : readIndex(found.index);
  if (read?.kind === 'newer') return read;
  const movie = yield* readMovie(checksums.crc32);
  if (movie === undefined) return nothing(found);
  const index = read?.kind === 'index' && belongs(read.index, movie) ? read.index : undefined;
  const closing = index?.closing;
  if (index !== undefined && closing?.bytes === found.mediaBytes) {
    if (index.bytes.length === found.index?.length) return { kind: 'sound', closing };
    // What lies behind the closing record is nobody's.
    const kept = { mediaBytes: closing.bytes, indexBytes: index.bytes.length, append: new Uint8Array(0) };
    return { kind: 'repair', ...kept, closing, kept: index.count, found: 0, lost: 0, strayBytes: 0 };
  }
  return (yield* new Salvage({ ...found, movie, old: index }, checksums).run()) ?? nothing(found);
}

function belongs(index: RunIndex, { init }: Movie): boolean {
  return index.header.init.length === init.length && index.header.init.checksum === init.checksum;
}

function nothing({ mediaBytes }: FoundRun): Recovery {
  return { kind: mediaBytes <= mostTornBytes ? 'empty' : 'unreadable' };
}
