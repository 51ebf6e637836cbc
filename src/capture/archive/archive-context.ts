import type { ArchiveDisk } from '../../archive/disk/archive-disk.ts';
import type { RunRecordingOptions } from '../../archive/recording/run-recording.ts';
import type { SyncTurns } from '../../archive/recording/sync-turns.ts';
import type { Checksums } from '../../archive/recovery/recovery.ts';
import type { StreamName } from '../../units/ids.ts';

/** What the captures of a worker share to record. */
export interface ArchiveContext {
  readonly disk: (root: string) => ArchiveDisk;
  readonly checksums: Checksums;
  readonly syncs: SyncTurns;
  /** Not that of the scratch folder: an archive's disk that stands still must not take live's memory. */
  readonly budget: RunRecordingOptions['budget'];
  /** Counts the runs of a stream, from 1. */
  readonly ordinal: (stream: StreamName) => number;
}
