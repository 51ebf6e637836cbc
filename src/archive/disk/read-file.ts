import type { FileReading } from '../recovery/file-reading.ts';
import type { ArchiveDisk, OpenFile } from './archive-disk.ts';

/** Thirty times the index of an hour: what is longer is damaged, and what lies behind is found in the recording. */
const mostReadBytes = 16 * 1024 * 1024;

/** A short file: all of it, or its first `mostReadBytes`. Undefined when there is none. */
export async function readFile(disk: ArchiveDisk, path: string): Promise<Uint8Array | undefined> {
  const file = await disk.open(path);
  if (file === undefined) return undefined;
  try {
    return await file.read({ offset: 0, length: Math.min(file.bytes, mostReadBytes) });
  } finally {
    await file.close();
  }
}

/** Gives a reading what it asks for. */
export async function drive<R>(reading: FileReading<R>, file: OpenFile): Promise<R> {
  let step = reading.next();
  while (step.done !== true) step = reading.next(await file.read(step.value));
  return step.value;
}
