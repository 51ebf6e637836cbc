// The marker: a file in the root of every archive, made with its folder. A server that has used the root before and doesn't find it looks at
// the folder under a disk that isn't mounted. It holds a name for the archive, so that two disks that were swapped are told apart.
import { AppError } from '../../units/app-error.ts';
import type { ArchiveDisk } from '../disk/archive-disk.ts';
import { readFile } from '../disk/read-file.ts';
import { markerPath } from '../layout/run-path.ts';

/** The port to what outlives this process elsewhere than below the root: in `state_dir`. */
export interface RootMemory {
  /** The name of the archive that this server had in the root last. */
  recall(): Promise<string | undefined>;
  remember(name: string): Promise<void>;
}

/** Nothing may be written below the root unless it is `open`. */
export type OpenedRoot =
  /** `made`: the marker is new. */
  | { readonly kind: 'open'; readonly name: string; readonly made: boolean }
  /** It was there before: its disk is not mounted, or was replaced. */
  | { readonly kind: 'missing-marker' }
  /** Another archive lies there than this server had in this root. */
  | { readonly kind: 'other-archive'; readonly name: string; readonly expected: string }
  /** `code`: the system's, such as `EROFS`, `EACCES`. */
  | { readonly kind: 'not-writable'; readonly code: string };

const title = 'headwater archive ';
const pattern = /^headwater archive ([0-9a-f-]+)\n$/;

/**
 * Makes the root and its marker at first use, and checks them at every later one. `newName`: for an archive that has none. An empty marker is an
 * operator's word that a new disk takes the place of the old one. Rejects with `disk-failed` when the disk fails in another way.
 */
export async function openRoot(disk: ArchiveDisk, memory: RootMemory, newName: () => string): Promise<OpenedRoot> {
  const expected = await memory.recall();
  if (expected === undefined) await disk.makeRoot();
  const marker = await readFile(disk, markerPath);
  if (marker === undefined && expected !== undefined) return { kind: 'missing-marker' };
  const refusal = await disk.refusal();
  if (refusal !== undefined) return { kind: 'not-writable', code: refusal };
  const found = pattern.exec(new TextDecoder().decode(marker))?.[1];
  const isBlank = marker === undefined || marker.length === 0;
  if (!isBlank && found !== expected && expected !== undefined) {
    return { kind: 'other-archive', name: found ?? '', expected };
  }
  const name = found ?? newName();
  if (found === undefined)
    await disk.replace(markerPath, new TextEncoder().encode(`${title}${name}\n`), { sync: true });
  // Behind the marker: what is remembered must be found.
  if (name !== expected) await memory.remember(name);
  return { kind: 'open', name, made: found === undefined };
}

/** Before anything is made or deleted: rejects with `disk-failed` when the marker is gone. */
export async function requireMounted(disk: ArchiveDisk): Promise<void> {
  if ((await disk.look(markerPath)) !== undefined) return;
  throw new AppError('disk-failed', `the archive's marker ${markerPath} is gone: its disk is not mounted`, {
    detail: { code: 'unmounted', path: markerPath },
  });
}
