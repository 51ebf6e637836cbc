import type { StreamName } from '../../units/ids.ts';
import { type ArchivedRun, indexedRun } from '../catalogue/archived-run.ts';
import type { ArchiveDisk } from '../disk/archive-disk.ts';
import { drive, readFile } from '../disk/read-file.ts';
import { readIndex } from '../index/run-index.ts';
import type { RunName } from '../layout/run-name.ts';
import { dayFolder, runPath, summaryPath } from '../layout/run-path.ts';
import { recoverRun } from '../recovery/recover-run.ts';
import type { Checksums, Recovery, Repair } from '../recovery/recovery.ts';

export interface UnfinishedRun {
  readonly stream: StreamName;
  readonly run: RunName;
}

/** `gone`: there is no recording; what was left of the run may go. */
export type Decided = (Recovery | { readonly kind: 'gone' }) & {
  /** All of the run's index, when it is `sound`, or mended. */
  readonly index?: Uint8Array;
};

/** Reads what is left of a run, and decides; changes nothing. */
export async function examine(
  disk: ArchiveDisk,
  { stream, run }: UnfinishedRun,
  checksums: Checksums,
): Promise<Decided> {
  const media = await disk.open(runPath(stream, run, 'media'));
  if (media === undefined) return { kind: 'gone' };
  try {
    const index = await readFile(disk, runPath(stream, run, 'index'));
    const decision = await drive(recoverRun({ stream, run, mediaBytes: media.bytes, index }, checksums), media);
    if (decision.kind === 'repair') return { ...decision, index: mendedIndex(decision, index) };
    return decision.kind === 'sound' && index !== undefined ? { ...decision, index } : decision;
  } finally {
    await media.close();
  }
}

/** Does as was decided. Killed at any moment it is found and done again. */
export async function mend(disk: ArchiveDisk, { stream, run }: UnfinishedRun, decided: Decided): Promise<void> {
  const [media, index] = [runPath(stream, run, 'media'), runPath(stream, run, 'index')];
  if (decided.kind === 'empty' || decided.kind === 'gone') {
    await disk.remove(media);
    await disk.remove(index);
  }
  if (decided.kind !== 'repair') return;
  // The stamps of the folders don't tell that an index was changed.
  await disk.remove(summaryPath(dayFolder(stream, run.startMs)));
  if (decided.indexBytes === 0) await disk.replace(index, decided.append, { sync: true });
  else await cut(disk, index, { bytes: decided.indexBytes, append: decided.append });
  await cut(disk, media, { bytes: decided.mediaBytes, append: new Uint8Array(0) });
}

/** Undefined for what is no run any more, and for what can't be read. */
export function recoveredRun(run: RunName, { index }: Decided): ArchivedRun | undefined {
  const read = index === undefined ? undefined : readIndex(index);
  return read?.kind === 'index' ? indexedRun(run, read.index) : undefined;
}

async function cut(
  disk: ArchiveDisk,
  path: string,
  to: { readonly bytes: number; readonly append: Uint8Array },
): Promise<void> {
  const file = await disk.edit(path);
  try {
    await file.cut(to.bytes);
    if (to.append.length > 0) await file.append([to.append]);
    await file.sync();
  } finally {
    await file.close();
  }
}

function mendedIndex({ indexBytes, append }: Repair, old: Uint8Array | undefined): Uint8Array {
  const bytes = new Uint8Array(indexBytes + append.length);
  bytes.set(old?.subarray(0, indexBytes) ?? new Uint8Array(0));
  bytes.set(append, indexBytes);
  return bytes;
}
