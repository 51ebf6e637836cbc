import type { StreamName } from '../../units/ids.ts';
import { Catalogue } from '../catalogue/catalogue.ts';
import type { ArchiveDisk } from '../disk/archive-disk.ts';
import { readFile } from '../disk/read-file.ts';
import { summaryPath } from '../layout/run-path.ts';
import type { FoundPair } from '../recovery/found-files.ts';
import { type DaySummary, parseSummary } from './day-summary.ts';
import { type DayFolder, daysOf, streamsIn } from './folders.ts';
import { readDay } from './read-day.ts';

/** What an archive holds. */
export interface WalkedArchive {
  readonly catalogue: Catalogue;
  /** Whose end nobody wrote, or that have lost a file: for `recover`. Not in the catalogue. */
  readonly unfinished: readonly FoundPair[];
  /** Days that were read index by index. */
  readonly unsummarized: readonly DayFolder[];
  /** Files among the runs of these days that are none of the archive's. */
  readonly foreign: number;
}

/**
 * Days that are read at once. Each has one request under way: enough for a disk's queue, and what is in memory of what is being read is a few
 * names and summaries.
 */
const daysAtOnce = 16;

/**
 * Lists an archive from its files: by the summary of a day where it still holds, else by the ends of all indexes in it. `streams`: only
 * those; else whatever has a folder.
 */
export async function walkArchive(disk: ArchiveDisk, streams?: Iterable<StreamName>): Promise<WalkedArchive> {
  const catalogue = new Catalogue();
  const unfinished: FoundPair[] = [];
  const unsummarized: DayFolder[] = [];
  let foreign = 0;
  const days = daysOf(disk, streams ?? (await streamsIn(disk)));
  const walk = async (): Promise<void> => {
    // An async generator answers in the order of asking: each day goes to one of them.
    for await (const day of { [Symbol.asyncIterator]: () => ({ next: () => days.next() }) }) {
      const summary = day.summarized ? await validSummary(disk, day) : undefined;
      for (const run of summary?.runs ?? []) catalogue.put(day.stream, run);
      if (summary !== undefined) continue;
      const read = await readDay(disk, day.path);
      for (const run of read.ended) catalogue.put(day.stream, run);
      unfinished.push(...read.unfinished);
      unsummarized.push(day);
      foreign += read.foreign;
    }
  };
  await Promise.all(Array.from({ length: daysAtOnce }, walk));
  return { catalogue, unfinished, unsummarized, foreign };
}

/** Undefined when it is torn, or something was added to the day or removed from it. */
async function validSummary(disk: ArchiveDisk, { path }: DayFolder): Promise<DaySummary | undefined> {
  const bytes = await readFile(disk, summaryPath(path));
  const summary = bytes === undefined ? undefined : parseSummary(bytes);
  if (summary === undefined || (await disk.stamp(path)) !== summary.stamp) return undefined;
  for (const [hour, stamp] of summary.hours) if ((await disk.stamp(`${path}/${hour}`)) !== stamp) return undefined;
  return summary;
}
