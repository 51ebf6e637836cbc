import type { RunName } from '../archive/layout/run-name.ts';
import type { Drop } from '../archive/recording/drops.ts';
import type { Incarnation, ServerName, StreamName } from '../units/ids.ts';
import type { Ticks } from '../units/ticks.ts';

/** Where a capture's fragments are recorded, and in whose name. */
export interface ArchivePlace {
  /** The archive's folder; its marker is there. */
  readonly root: string;
  readonly server: ServerName;
  readonly incarnation: Incarnation;
}

/** From a media worker to the main thread, about the archive. They come also when their capture has been told `stopped`. */
export type ArchiveFact =
  /** What of a run can be read. */
  | {
      readonly type: 'archive-run';
      readonly stream: StreamName;
      readonly root: string;
      readonly run: RunName;
      /** UTC, 90 kHz. */
      readonly start: Ticks;
      readonly end: Ticks;
      readonly bytes: number;
      /**
       * `ended`: nothing is missing between start and end; `holes`: the index tells what is; `left`: the disk didn't take its end, and it is to be
       * recovered; `nothing`: there are no files of it.
       */
      readonly state: 'open' | 'ended' | 'holes' | 'left' | 'nothing';
    }
  /** What was captured and is not in the archive, since the last time. */
  | {
      readonly type: 'archive-dropped';
      readonly stream: StreamName;
      readonly root: string;
      readonly drops: readonly Drop[];
    };
