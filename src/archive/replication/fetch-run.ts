import type { ArchiveDisk, WritableFile } from '../disk/archive-disk.ts';
import { incomingPath, runFolder, runPath } from '../layout/run-path.ts';
import { type ByteRange, mostAtOnce } from '../recovery/file-reading.ts';
import type { Checksums } from '../recovery/recovery.ts';
import { CopyCheck, offeredIndex } from './copy-check.ts';
import type { SealedRun } from './sealed-run.ts';

/** The port to a run on another server. Rejects with an `AppError` when that one can't be reached or does not have it any more. */
export interface RunSource {
  /** All of the index. */
  index(run: SealedRun): Promise<Uint8Array>;
  /** Of the recording; fewer bytes where it ends. */
  read(run: SealedRun, range: ByteRange): Promise<Uint8Array>;
}

export interface Fetch {
  readonly run: SealedRun;
  readonly disk: ArchiveDisk;
  readonly source: RunSource;
  readonly checksums: Checksums;
  /** Resolves when so many bytes more may be fetched. */
  readonly allowed: (bytes: number) => Promise<void>;
  /** Bytes of the recording that are here, of `run.bytes`. */
  readonly progress: (bytes: number) => void;
}

/**
 * `here`: both files are in their place, on the disk, and right to the last byte. `wrong-index`: what was offered is not what is there.
 * `damaged`: the holder's recording is not what its index says; what is right of it, up to that offset, stays among the incoming.
 */
export type Fetched = { readonly kind: 'here' | 'wrong-index' } | { readonly kind: 'damaged'; readonly offset: number };

/**
 * Copies a run here. Rejects when the disk or the holder fails; called again, also after a crash at any moment, it goes on where it was. Not
 * to be called twice at once for one run.
 */
export async function fetchRun(fetch: Fetch): Promise<Fetched> {
  const { run, disk, source, checksums } = fetch;
  const bytes = await source.index(run);
  const index = offeredIndex(bytes, run, checksums.sha256);
  if (index === undefined) return { kind: 'wrong-index' };
  const path = incomingPath(run.stream, run.name, 'media');
  const check = new CopyCheck(index, checksums.crc32);
  const isBegun = await readBegun(disk, path, check);
  const file = isBegun ? await disk.edit(path) : await disk.create(path);
  try {
    const damaged = await copyRest(file, check, fetch);
    if (damaged) return { kind: 'damaged', offset: check.solid };
    await file.sync();
  } finally {
    await file.close();
  }
  await publish(disk, run, bytes);
  return { kind: 'here' };
}

/** Puts what a fetch left through the check; false when there is nothing. */
async function readBegun(disk: ArchiveDisk, path: string, check: CopyCheck): Promise<boolean> {
  const begun = await disk.open(path);
  if (begun === undefined) return false;
  try {
    while (check.position < begun.bytes) {
      const bytes = await begun.read({ offset: check.position, length: mostAtOnce });
      if (bytes.length === 0 || !check.add(bytes)) break;
    }
  } finally {
    await begun.close();
  }
  return true;
}

/** Whether the holder's bytes are wrong: they are asked for once more before they are called so. */
async function copyRest(file: WritableFile, check: CopyCheck, fetch: Fetch): Promise<boolean> {
  const { run, source, allowed, progress } = fetch;
  await file.cut(rewound(check));
  let wrongAt = -1;
  while (!check.isComplete) {
    progress(check.solid);
    const range = { offset: check.position, length: Math.min(mostAtOnce, run.bytes - check.position) };
    await allowed(range.length);
    const bytes = await source.read(run, range);
    if (bytes.length > 0 && check.add(bytes)) {
      await file.append([bytes]);
      continue;
    }
    if (wrongAt === check.solid) return true;
    wrongAt = check.solid;
    await file.cut(rewound(check));
  }
  progress(check.solid);
  return false;
}

function rewound(check: CopyCheck): number {
  check.rewind();
  return check.solid;
}

/**
 * The index first, and its name on the disk before the recording has its own: an index alone is nothing, a recording alone would be given
 * another index by the next start.
 */
async function publish(disk: ArchiveDisk, { stream, name }: SealedRun, index: Uint8Array): Promise<void> {
  const draft = incomingPath(stream, name, 'index');
  await disk.remove(draft);
  const file = await disk.create(draft);
  try {
    await file.append([index]);
    await file.sync();
  } finally {
    await file.close();
  }
  for (const kind of ['index', 'media'] as const) {
    await disk.move(incomingPath(stream, name, kind), runPath(stream, name, kind));
    await disk.syncFolders(runFolder(stream, name));
  }
}
