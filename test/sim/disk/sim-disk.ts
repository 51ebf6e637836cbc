import type {
  ArchiveDisk,
  DiskSpace,
  FileLook,
  OpenFile,
  WritableFile,
} from '../../../src/archive/disk/archive-disk.ts';
import { AppError } from '../../../src/units/app-error.ts';
import { SimFile } from './sim-file.ts';

/** What goes wrong from now on. */
export interface DiskFaults {
  /** Room for so many bytes in all files; what is beyond is refused with ENOSPC, in the middle of a write if need be. */
  readonly capacity?: number;
  /** Everything that changes anything is refused with this. */
  readonly writes?: string;
  readonly syncs?: string;
  /** Listing this folder is refused with EIO. */
  readonly unreadable?: string;
}

/**
 * A disk in memory that forgets what was not synced when its power is cut, and can be stopped before any change: `stopAfter` so many changes
 * the process that uses it is dead, the last of them done in part.
 */
export class SimDisk implements ArchiveDisk {
  faults: DiskFaults = {};
  /** Changes so far: writes, syncs, names. */
  changes = 0;
  stopAfter = Number.POSITIVE_INFINITY;
  /** Of the disk's own clock. */
  nowMs = 0;
  readonly files = new Map<string, SimFile>();
  readonly #folders = new Set<string>();
  readonly #named = new Map<string, SimFile>();
  readonly #stamps = new Map<string, number>();
  /** New names that a loss of power may undo. */
  #moves: { readonly from: string; readonly to: string; readonly file: SimFile }[] = [];
  #mounted = false;
  /** Writes wait for it; resolved but when the disk stands still. */
  #free: Promise<void> = Promise.resolve();

  /** Writes are taken again when the returned function is called. */
  standStill(): () => void {
    let go = (): void => undefined;
    this.#free = new Promise((resolve) => {
      go = resolve;
    });
    return go;
  }

  /** As the machine finds it after a loss of power, or, with `power: 'kept'`, after the death of the process alone. */
  rebooted(power: 'kept' | (() => number)): SimDisk {
    const disk = new SimDisk();
    disk.#mounted = this.#mounted;
    disk.nowMs = this.nowMs;
    if (power !== 'kept') for (const { from, to, file } of this.#moves) this.#undoOrKeep({ from, to, file }, power);
    for (const path of new Set([...this.files.keys(), ...this.#named.keys()])) {
      const [now, named] = [this.files.get(path), this.#named.get(path)];
      const file = power === 'kept' || now === named || power() < 0.5 ? now : named;
      if (file === undefined) continue;
      disk.#makeFolders(parentOf(path));
      const found = power === 'kept' ? file : file.afterPowerLoss(power);
      disk.files.set(path, found);
      disk.#named.set(path, found);
    }
    return disk;
  }

  async list(folder: string): Promise<readonly string[] | undefined> {
    if (folder !== '' && !this.#folders.has(folder)) return undefined;
    if (!this.#mounted) return undefined;
    if (folder === this.faults.unreadable) throw refused('EIO', folder);
    const paths = [...this.files.keys(), ...this.#folders];
    return paths.filter((path) => path !== '' && parentOf(path) === folder).map((path) => nameOf(path));
  }

  async stamp(folder: string): Promise<string | undefined> {
    return this.#folders.has(folder) ? String(this.#stamps.get(folder) ?? 0) : undefined;
  }

  async look(file: string): Promise<FileLook | undefined> {
    const found = this.files.get(file);
    return found === undefined ? undefined : { bytes: found.bytes.length, changedMs: found.changedMs };
  }

  async tail(file: string, bytes: number): Promise<{ bytes: number; tail: Uint8Array } | undefined> {
    const found = this.files.get(file)?.bytes;
    return found && { bytes: found.length, tail: found.slice(Math.max(0, found.length - bytes)) };
  }

  async open(path: string): Promise<OpenFile | undefined> {
    const file = this.files.get(path);
    if (file === undefined) return undefined;
    return {
      bytes: file.bytes.length,
      read: async ({ offset, length }) => file.bytes.slice(offset, offset + length),
      close: async () => undefined,
    };
  }

  async create(path: string): Promise<WritableFile> {
    await this.#change(path);
    if (!this.#mounted) throw refused('ENOENT', path);
    if (this.files.has(path)) throw refused('EEXIST', path);
    this.#makeFolders(parentOf(path));
    const file = new SimFile();
    this.#enter(path, file);
    return this.#writable(path, file);
  }

  async edit(path: string): Promise<WritableFile> {
    const file = this.files.get(path);
    if (file === undefined) throw refused('ENOENT', path);
    return this.#writable(path, file);
  }

  async replace(path: string, bytes: Uint8Array, { sync }: { readonly sync: boolean }): Promise<void> {
    await this.#change(path);
    if (!this.#mounted || !this.#isFolder(parentOf(path))) throw refused('ENOENT', path);
    const file = new SimFile();
    file.append(bytes);
    if (sync) file.sync();
    this.#enter(path, file);
    if (sync) this.#named.set(path, file);
  }

  async move(path: string, to: string): Promise<void> {
    await this.#change(path);
    const file = this.files.get(path);
    if (file === undefined) throw refused('ENOENT', path);
    this.#makeFolders(parentOf(to));
    this.#enter(to, file);
    this.files.delete(path);
    this.#touch(path);
    if (this.#named.get(path) === file) this.#moves.push({ from: path, to, file });
  }

  async remove(path: string): Promise<boolean> {
    await this.#change(path);
    this.#touch(path);
    return this.files.delete(path);
  }

  async removeFolder(folder: string): Promise<boolean> {
    await this.#change(folder);
    const isFull = [...this.files.keys(), ...this.#folders].some((path) => path.startsWith(`${folder}/`));
    if (!isFull) this.#touch(folder);
    return !isFull && this.#folders.delete(folder);
  }

  async syncFolders(folder: string): Promise<void> {
    await this.#change(folder, 'sync');
    for (const { from, to, file } of this.#moves) {
      this.#named.delete(from);
      this.#named.set(to, file);
    }
    this.#moves = [];
    for (let at = folder; ; at = parentOf(at)) {
      for (const path of [...this.#named.keys()]) if (parentOf(path) === at) this.#named.delete(path);
      for (const [path, file] of this.files) if (parentOf(path) === at) this.#named.set(path, file);
      if (at === '') return;
    }
  }

  async makeRoot(): Promise<void> {
    await this.#change('');
    this.#mounted = true;
  }

  async refusal(): Promise<string | undefined> {
    return this.#mounted ? this.faults.writes : 'ENOENT';
  }

  async space(): Promise<DiskSpace> {
    const totalBytes = this.faults.capacity ?? 2 ** 40;
    return { totalBytes, freeBytes: totalBytes - this.#used() };
  }

  #undoOrKeep({ from, to, file }: { from: string; to: string; file: SimFile }, power: () => number): void {
    if (this.files.get(to) !== file) return;
    const [stays, goes] = power() < 0.5 ? [to, from] : [from, to];
    for (const names of [this.files, this.#named]) {
      names.set(stays, file);
      names.delete(goes);
    }
  }

  #writable(path: string, file: SimFile): WritableFile {
    return {
      append: async (parts) => {
        const bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
        await this.#free;
        const room = (this.faults.capacity ?? Number.POSITIVE_INFINITY) - this.#used();
        const dying = this.changes + 1 >= this.stopAfter;
        if (dying && this.changes < this.stopAfter) file.append(bytes.subarray(0, bytes.length >> 1));
        await this.#change(path);
        file.append(bytes.subarray(0, Math.max(0, room)));
        file.changedMs = this.nowMs;
        if (bytes.length > room) throw refused('ENOSPC', path);
      },
      cut: async (bytes) => {
        await this.#change(path);
        file.cut(bytes);
      },
      sync: async () => {
        await this.#change(path, 'sync');
        file.sync();
      },
      close: async () => undefined,
    };
  }

  async #change(path: string, kind: 'write' | 'sync' = 'write'): Promise<void> {
    this.changes += 1;
    if (this.changes >= this.stopAfter) throw refused('dead', path);
    const fault = kind === 'sync' ? this.faults.syncs : this.faults.writes;
    if (fault !== undefined) throw refused(fault, path);
  }

  #enter(path: string, file: SimFile): void {
    file.changedMs = this.nowMs;
    this.files.set(path, file);
    this.#touch(path);
  }

  #touch(path: string): void {
    const folder = parentOf(path);
    this.#stamps.set(folder, (this.#stamps.get(folder) ?? 0) + 1);
  }

  #makeFolders(folder: string): void {
    if (folder === '' || this.#folders.has(folder)) return;
    this.#makeFolders(parentOf(folder));
    this.#folders.add(folder);
    this.#touch(folder);
  }

  #isFolder(folder: string): boolean {
    return folder === '' || this.#folders.has(folder);
  }

  #used(): number {
    let sum = 0;
    for (const { bytes } of this.files.values()) sum += bytes.length;
    return sum;
  }
}

function refused(code: string, path: string): AppError {
  return new AppError('disk-failed', `${code} at ${path}`, { detail: { code, path } });
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
