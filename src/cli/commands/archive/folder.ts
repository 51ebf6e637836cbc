import type { ArchiveDisk } from '../../../archive/disk/archive-disk.ts';
import { markerPath } from '../../../archive/layout/run-path.ts';
import type { Checksums } from '../../../archive/recovery/recovery.ts';
import { streamsIn } from '../../../archive/store/folders.ts';
import { type WalkedArchive, walkArchive } from '../../../archive/store/walk.ts';
import type { Clock } from '../../../units/clock.ts';
import { streamName } from '../../../units/ids.ts';
import { nearest } from '../../../units/nearest.ts';
import type { Console } from '../../terminal/console.ts';

export interface ArchivePorts {
  readonly console: Console;
  readonly diskOf: (root: string) => ArchiveDisk;
  readonly checksums: Checksums;
  readonly clock: Clock;
  /** One line that takes the place of the one before it; `''` at the end. Absent where nobody watches. */
  readonly progress?: (line: string) => void;
}

export interface ReadArchive extends WalkedArchive {
  readonly disk: ArchiveDisk;
}

/** For people. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Lists what is in a folder; undefined when it is no archive, or has no such stream, which is told then, with exit code 1. Folders in it
 * that can't be read are told: the command ends with 2 at the best.
 */
export async function readArchive(
  root: string,
  stream: string | undefined,
  { console, diskOf }: ArchivePorts,
): Promise<ReadArchive | undefined> {
  const disk = diskOf(root);
  const complain = (text: string): undefined => {
    console.complain(`headwater: ${text}\n`);
    console.exit(1);
  };
  if ((await disk.list('')) === undefined) return complain(`there is no folder ${root}`);
  const streams = await streamsIn(disk);
  const wanted = stream === undefined ? streams : streams.filter((name) => name === streamName(stream));
  if (wanted.length === 0 && stream !== undefined) {
    const near = nearest(stream, streams);
    return complain(`${root} has no stream ${stream}${near === undefined ? '' : `\nhint: did you mean ${near}?`}`);
  }
  const walked = await walkArchive(disk, wanted);
  const isEmpty = walked.unfinished.length === 0 && [...walked.catalogue.streams].length === 0;
  if (isEmpty && (await disk.look(markerPath)) === undefined) {
    return complain(`${root} is no archive: it has neither recordings nor the marker ${markerPath}`);
  }
  for (const { path, error } of walked.failed) console.complain(`headwater: ${path}: ${reasonOf(error)}\n`);
  return { disk, ...walked };
}
