import type { ArchiveDisk } from '../../../archive/disk/archive-disk.ts';
import { runPath } from '../../../archive/layout/run-path.ts';
import type { UnfinishedRun } from '../../../archive/store/recover.ts';
import type { Clock } from '../../../units/clock.ts';

/** A recorder writes twice a second, and ends a run that brings nothing for much less than this. */
const quietMs = 60_000;

/** Whether a run without an end has been written to lately: then a server records it, and nobody else may touch it. */
export async function isBeingRecorded(
  disk: ArchiveDisk,
  { stream, run }: UnfinishedRun,
  clock: Clock,
): Promise<boolean> {
  const media = await disk.look(runPath(stream, run, 'media'));
  return media !== undefined && clock.wall() / 1_000 - media.changedMs < quietMs;
}
