import { nodeChecksums } from '../../src/adapters/disk/archive/node-checksums.ts';
import { SyncTurns } from '../../src/archive/recording/sync-turns.ts';
import type { ArchiveContext } from '../../src/capture/archive/archive-context.ts';
import { WriteBudget } from '../../src/capture/run/write-budget.ts';
import { SimDisk } from '../sim/disk/sim-disk.ts';

/** For captures that record nothing. */
export function noArchive(): ArchiveContext {
  return {
    disk: () => new SimDisk(),
    checksums: nodeChecksums,
    syncs: new SyncTurns(),
    budget: new WriteBudget(),
    ordinal: () => 1,
  };
}
