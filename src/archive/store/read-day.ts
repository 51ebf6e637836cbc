import type { StreamName } from '../../units/ids.ts';
import { type ArchivedRun, closedRun, indexedRun } from '../catalogue/archived-run.ts';
import type { ArchiveDisk } from '../disk/archive-disk.ts';
import { readFile } from '../disk/read-file.ts';
import { recordBytes } from '../index/record.ts';
import { readIndex } from '../index/run-index.ts';
import { runPath } from '../layout/run-path.ts';
import { type FoundFile, type FoundPair, pairFiles, trustedClosing } from '../recovery/found-files.ts';
import { hoursOf } from './folders.ts';

/** What lies in a folder, by what each index says. */
export interface ReadRuns {
  /** Ended, and to be believed. */
  readonly ended: readonly ArchivedRun[];
  /** Whose end nobody wrote, or whose recording or index is gone: being recorded, or left by a crash. */
  readonly unfinished: readonly FoundPair[];
  /** Files that are none of the archive's. */
  readonly foreign: number;
}

export async function readDay(disk: ArchiveDisk, path: string): Promise<ReadRuns> {
  const hours: ReadRuns[] = [];
  for (const hour of await hoursOf(disk, path)) hours.push(await readHour(disk, `${path}/${hour}`));
  return {
    ended: hours.flatMap(({ ended }) => ended),
    unfinished: hours.flatMap(({ unfinished }) => unfinished),
    foreign: hours.reduce((sum, { foreign }) => sum + foreign, 0),
  };
}

async function readHour(disk: ArchiveDisk, folder: string): Promise<ReadRuns> {
  const files: FoundFile[] = [];
  const tails = new Map<string, Uint8Array>();
  for (const name of (await disk.list(folder)) ?? []) {
    const path = `${folder}/${name}`;
    const tail = path.endsWith('.idx') ? await disk.tail(path, recordBytes) : undefined;
    const bytes = tail?.bytes ?? (await disk.look(path))?.bytes;
    if (bytes !== undefined) files.push({ path, bytes });
    if (tail !== undefined) tails.set(path, tail.tail);
  }
  const { runs, foreign } = pairFiles(files);
  const ended: ArchivedRun[] = [];
  const unfinished: FoundPair[] = [];
  for (const pair of runs) {
    const tail = tails.get(runPath(pair.stream, pair.run, 'index'));
    const run = await endedRun(disk, pair, tail);
    if (run === undefined) unfinished.push(pair);
    else ended.push(run);
  }
  return { ended, unfinished, foreign };
}

async function endedRun(
  disk: ArchiveDisk,
  { stream, run, mediaBytes }: FoundPair,
  tail: Uint8Array | undefined,
): Promise<ArchivedRun | undefined> {
  if (mediaBytes === undefined || tail === undefined) return undefined;
  const closing = trustedClosing(tail, run, mediaBytes);
  if (closing === undefined) return undefined;
  return closing.holes ? readRun(disk, stream, run) : closedRun(run, closing);
}

/** By all of its index; undefined when that is gone or unreadable. */
export async function readRun(
  disk: ArchiveDisk,
  stream: StreamName,
  run: FoundPair['run'],
): Promise<ArchivedRun | undefined> {
  const bytes = await readFile(disk, runPath(stream, run, 'index'));
  const read = bytes === undefined ? undefined : readIndex(bytes);
  return read?.kind === 'index' ? indexedRun(run, read.index) : undefined;
}
