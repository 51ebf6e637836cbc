import type { StreamName } from '../../units/ids.ts';
import { Catalogue } from '../catalogue/catalogue.ts';
import type { ArchiveDisk } from '../disk/archive-disk.ts';
import { readFile } from '../disk/read-file.ts';
import { summaryPath } from '../layout/run-path.ts';
import type { FoundPair } from '../recovery/found-files.ts';
import { type DaySummary, parseSummary } from './day-summary.ts';
import { type DayFolder, daysOf, type FailedFolder, streamsIn } from './folders.ts';
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
  /** What the disk does not give: of what is in these, some may be missing here. */
  readonly failed: readonly FailedFolder[];
}

/**
 * Days that are read at once. Each has one request under way: enough for a disk's queue, and what is in memory of what is being read is a few
 * names and summaries.
 */
const daysAtOnce = 16;

/**
 * Lists an archive from its files: by the summary of a day where it still holds, else by the ends of all indexes in it. `streams`: only
 * those; else whatever has a folder. Rejects when the root can't be listed.
 */
export async function walkArchive(disk: ArchiveDisk, streams?: Iterable<StreamName>): Promise<WalkedArchive> {
  const catalogue = new Catalogue();
  const unfinished: FoundPair[] = [];
  const unsummarized: DayFolder[] = [];
  const failed: FailedFolder[] = [];
  let foreign = 0;
  const days = daysOf(disk, streams ?? (await streamsIn(disk)), (folder) => failed.push(folder));
  const take = async (day: DayFolder): Promise<void> => {
    const summary = day.summarized ? await validSummary(disk, day) : undefined;
    const read = summary === undefined ? await readDay(disk, day.path) : undefined;
    for (const run of summary?.runs ?? read?.ended ?? []) catalogue.put(day.stream, run);
    if (read === undefined) return;
    unfinished.push(...read.unfinished);
    unsummarized.push(day);
    foreign += read.foreign;
  };
  const walk = async (): Promise<void> => {
    // An async generator answers in the order of asking: each day goes to one of those that walk.
    for await (const day of { [Symbol.asyncIterator]: () => ({ next: () => days.next() }) }) {
      await take(day).catch((error: unknown) => failed.push({ path: day.path, error }));
    }
  };
  await Promise.all(Array.from({ length: daysAtOnce }, walk));
  return { catalogue, unfinished, unsummarized, foreign, failed };
}

/** Undefined when it is torn, or something was added to the day or removed from it. */
async function validSummary(disk: ArchiveDisk, { path }: DayFolder): Promise<DaySummary | undefined> {
  const bytes = await readFile(disk, summaryPath(path));
  const summary = bytes === undefined ? undefined : parseSummary(bytes);
  if (summary === undefined || (await disk.stamp(path)) !== summary.stamp) return undefined;
  for (const [hour, stamp] of summary.hours) if ((await disk.stamp(`${path}/${hour}`)) !== stamp) return undefined;
  return summary;
}
