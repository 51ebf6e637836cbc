import { nodeChecksums } from '../../src/adapters/disk/archive/node-checksums.ts';
import type { ArchiveDisk } from '../../src/archive/disk/archive-disk.ts';
import { Drops } from '../../src/archive/recording/drops.ts';
import { RunRecording } from '../../src/archive/recording/run-recording.ts';
import { SyncTurns } from '../../src/archive/recording/sync-turns.ts';
import { WriteBudget } from '../../src/capture/run/write-budget.ts';
import type { AppError } from '../../src/units/app-error.ts';
import type { ManualClock } from './manual-clock.ts';
import type { RecordedRun } from './recorded-run.ts';

/** A run that is recorded again, fragment by fragment. */
export class TestRecording {
  readonly recording: RunRecording;
  readonly drops = new Drops();
  readonly failures: AppError[] = [];
  /** Fragments whose memory is free again. */
  released = 0;
  readonly #made: RecordedRun;

  constructor(disk: ArchiveDisk, made: RecordedRun, options: { readonly clock: ManualClock; readonly most?: number }) {
    const { stream, run, header, media, records } = made;
    this.#made = made;
    this.recording = new RunRecording({
      stream,
      run,
      init: media.subarray(0, records[0]?.offset),
      tracks: header.tracks,
      disk,
      checksums: nodeChecksums,
      clock: options.clock,
      syncs: new SyncTurns(),
      budget: new WriteBudget(options.most),
      dropped: (drop) => this.drops.add(drop),
      failed: (error) => this.failures.push(error),
    });
  }

  /** In two parts each, as a fragment comes in many. */
  append(from: number, to: number): (number | undefined)[] {
    return this.#made.records.slice(from, to).map(({ offset, length, checksum: _, durable: __, ...facts }) => {
      const bytes = this.#made.media.subarray(offset, offset + length);
      return this.recording.append(facts, [bytes.subarray(0, 7), bytes.subarray(7)], () => {
        this.released += 1;
      });
    });
  }
}

/** Both files of a run, as they are, without anybody recording. */
export async function putRun(
  disk: ArchiveDisk,
  paths: { readonly media: string; readonly index: string },
  files: { readonly media?: Uint8Array; readonly index?: Uint8Array },
): Promise<void> {
  for (const kind of ['media', 'index'] as const) {
    const bytes = files[kind];
    if (bytes === undefined) continue;
    const file = await disk.create(paths[kind]);
    await file.append([bytes]);
    await file.sync();
    await file.close();
    await disk.syncFolders(paths[kind].slice(0, paths[kind].lastIndexOf('/')));
  }
}
