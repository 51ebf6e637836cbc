import type { StreamName } from '../../units/ids.ts';
import type { ArchivedRun } from '../catalogue/archived-run.ts';
import type { IndexSource } from '../catalogue/index-cache.ts';
import type { ArchiveDisk } from '../disk/archive-disk.ts';
import { readFile } from '../disk/read-file.ts';
import { runPath } from '../layout/run-path.ts';

/** One's own indexes. One that is gone is empty: no index. */
export function diskIndexes(disk: ArchiveDisk): IndexSource<ArchivedRun> {
  return {
    async load(stream: StreamName, run: ArchivedRun): Promise<Uint8Array> {
      return (await readFile(disk, runPath(stream, run, 'index'))) ?? new Uint8Array(0);
    },
  };
}
