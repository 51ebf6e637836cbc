import type { StreamName } from '../../units/ids.ts';
import type { Ticks } from '../../units/ticks.ts';
import type { ArchivedRun } from '../catalogue/archived-run.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { ArchiveDisk } from '../disk/archive-disk.ts';
import { draftPath, runPath, summaryPath } from '../layout/run-path.ts';
import { requireMounted } from './open-root.ts';
import type { Watermarks } from './watermarks.ts';

interface Doomed {
  readonly stream: StreamName;
  readonly run: ArchivedRun;
}

export interface DeletePorts {
  readonly disk: ArchiveDisk;
  readonly catalogue: Catalogue;
  readonly watermarks: Watermarks;
  /** UTC of the group. */
  readonly now: () => Ticks;
}

/** What became of a deletion. What failed is still in the catalogue, to be decided again, unless nothing but its index is left. */
export interface Deleted extends Doomed {
  readonly error: unknown;
}

/** Behind the end of its hour no recorder makes a file in a folder: runs end within it, but for clocks that differ. 90 kHz. */
const restedFor = 2 * 3_600 * 90_000;

/**
 * Carries out what retention decided, one after the other. A crash leaves either all of a run, or an index alone, which a start
 * removes. Resolves when each is deleted or has failed; `error` is undefined where it is deleted.
 */
export async function deleteRuns(doomed: Iterable<Doomed>, ports: DeletePorts): Promise<Deleted[]> {
  const done: Deleted[] = [];
  for (const one of doomed) {
    const error = await deleteRun(one, ports).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    done.push({ ...one, error });
  }
  return done;
}

async function deleteRun({ stream, run }: Doomed, { disk, catalogue, watermarks, now }: DeletePorts): Promise<void> {
  // Else everything would look as if it were gone already.
  await requireMounted(disk);
  await watermarks.raise(stream, run);
  const [media, index] = [runPath(stream, run, 'media'), runPath(stream, run, 'index')];
  await disk.remove(media);
  // From here on it can't be played.
  catalogue.remove(stream, run);
  await disk.remove(index);
  await disk.remove(draftPath(index));
  if (run.startMs * 90 + restedFor < now()) await removeEmptyFolders(disk, parent(media));
}

/** Of the hour, the day, the month and the year; not of the stream, which has its watermark. */
async function removeEmptyFolders(disk: ArchiveDisk, hour: string): Promise<void> {
  const [day, month, year] = [parent(hour), parent(parent(hour)), parent(parent(parent(hour)))];
  if (!(await disk.removeFolder(hour))) return;
  if (!(await disk.removeFolder(day))) return;
  await disk.remove(summaryPath(day));
  await disk.remove(draftPath(summaryPath(day)));
  if (await disk.removeFolder(month)) await disk.removeFolder(year);
}

function parent(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
