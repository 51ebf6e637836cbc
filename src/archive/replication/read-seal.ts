import type { StreamName } from '../../units/ids.ts';
import type { ArchiveDisk } from '../disk/archive-disk.ts';
import { recordBytes } from '../index/record.ts';
import type { RunName } from '../layout/run-name.ts';
import { runFolder, runPath } from '../layout/run-path.ts';
import { trustedClosing } from '../recovery/found-files.ts';
import { type SealedRun, sealedRun } from './sealed-run.ts';

/** What lies here under that name, by the files themselves; undefined for what is not there, not ended, or not whole. */
export async function readSeal(disk: ArchiveDisk, stream: StreamName, name: RunName): Promise<SealedRun | undefined> {
  const [media, index] = await Promise.all([
    disk.look(runPath(stream, name, 'media')),
    disk.tail(runPath(stream, name, 'index'), recordBytes),
  ]);
  if (media === undefined || index === undefined) return undefined;
  const closing = trustedClosing(index.tail, name, media.bytes);
  return closing && sealedRun(stream, name, closing);
}

/**
 * The same, and it is on the disk: a process that died may have written what only the machine's memory has, and given it a name that a loss of power
 * takes back. Before one says to another that it may erase its copy.
 */
export async function readDurableSeal(
  disk: ArchiveDisk,
  stream: StreamName,
  name: RunName,
): Promise<SealedRun | undefined> {
  const seal = await readSeal(disk, stream, name);
  if (seal === undefined) return undefined;
  for (const kind of ['media', 'index'] as const) {
    const file = await disk.edit(runPath(stream, name, kind));
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  }
  await disk.syncFolders(runFolder(stream, name));
  return seal;
}
