import { access, constants, mkdir, readdir, rename, rmdir, stat, statfs, unlink, writeFile } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { ArchiveDisk, DiskSpace, FileLook, OpenFile, WritableFile } from '../../../archive/disk/archive-disk.ts';
import { draftPath } from '../../../archive/layout/run-path.ts';
import { codeOf, diskFailed, ifThere, orDiskFailed } from '../disk-error.ts';
import { openToRead, openToWrite, syncFolder } from './archive-files.ts';

// Callbacks made promises: for what a start does tens of thousands of times, `node:fs/promises` costs half as much again.
const namesIn = promisify<string, string[]>(readdir);
const statOf = promisify<string, { size: number; mtimeMs: number; isFile(): boolean; isDirectory(): boolean }>(stat);
const makeFolder = promisify<string, { recursive: boolean }, unknown>(mkdir);
const unlinkFile = promisify(unlink);
const removeEmpty = promisify<string, void>(rmdir);
const renameFile = promisify(rename);
const spaceOf = promisify<string, { bavail: number; bsize: number; blocks: number }>(statfs);
const mayWrite = promisify(access);
const write = promisify<string, Uint8Array, { flush: boolean }, void>(writeFile);

/**
 * Retention may remove a folder between its making and that of the file in it, seldom: it takes those of hours that are over. What removes them
 * as fast as they are made is a fault to be told.
 */
const mostTries = 10;
const folderIsFull = new Set(['ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR']);

/** The files below a folder of the machine. */
export class NodeArchiveDisk implements ArchiveDisk {
  /** Absolute, or from the working directory. */
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  list(folder: string): Promise<readonly string[] | undefined> {
    const path = join(this.#root, folder);
    return ifThere(path, namesIn(path));
  }

  async stamp(folder: string): Promise<string | undefined> {
    const path = join(this.#root, folder);
    const found = await ifThere(path, statOf(path));
    // A double tells 2^-12 ms apart; the kernel's clock for files steps by milliseconds.
    return found?.isDirectory() === true ? String(found.mtimeMs) : undefined;
  }

  async look(file: string): Promise<FileLook | undefined> {
    const path = join(this.#root, file);
    const found = await ifThere(path, statOf(path));
    return found?.isFile() === true ? { bytes: found.size, changedMs: found.mtimeMs } : undefined;
  }

  async tail(file: string, bytes: number): Promise<{ bytes: number; tail: Uint8Array } | undefined> {
    const open = await this.open(file);
    if (open === undefined) return undefined;
    try {
      const offset = Math.max(0, open.bytes - bytes);
      return { bytes: open.bytes, tail: await open.read({ offset, length: bytes }) };
    } finally {
      await open.close();
    }
  }

  open(file: string): Promise<OpenFile | undefined> {
    return openToRead(join(this.#root, file));
  }

  async create(file: string): Promise<WritableFile> {
    const path = join(this.#root, file);
    return await this.#inFolders(file, () => openToWrite(path, 'create'));
  }

  edit(file: string): Promise<WritableFile> {
    const path = join(this.#root, file);
    return orDiskFailed(path, openToWrite(path, 'edit'));
  }

  async replace(file: string, bytes: Uint8Array, { sync }: { readonly sync: boolean }): Promise<void> {
    const path = join(this.#root, file);
    const draft = draftPath(path);
    await orDiskFailed(draft, write(draft, bytes, { flush: sync }));
    await orDiskFailed(path, renameFile(draft, path));
    if (sync) await orDiskFailed(path, syncFolder(dirname(path)));
  }

  async move(file: string, to: string): Promise<void> {
    const path = join(this.#root, file);
    // Else folders would be made for nothing.
    if ((await this.look(file)) === undefined) throw diskFailed(path, Object.assign(new Error(), { code: 'ENOENT' }));
    await this.#inFolders(to, () => renameFile(path, join(this.#root, to)));
  }

  async remove(file: string): Promise<boolean> {
    const path = join(this.#root, file);
    const removed = unlinkFile(path).then(() => true);
    return (await ifThere(path, removed)) ?? false;
  }

  async removeFolder(folder: string): Promise<boolean> {
    const path = join(this.#root, folder);
    try {
      await removeEmpty(path);
      return true;
    } catch (cause) {
      if (folderIsFull.has(codeOf(cause) ?? '')) return false;
      throw diskFailed(path, cause);
    }
  }

  async syncFolders(folder: string): Promise<void> {
    const path = join(this.#root, folder);
    await orDiskFailed(path, syncFolder(path));
    if (folder !== '') await this.syncFolders(parentOf(folder));
  }

  async makeRoot(): Promise<void> {
    await orDiskFailed(this.#root, makeFolder(this.#root, { recursive: true }));
  }

  async refusal(): Promise<string | undefined> {
    return mayWrite(this.#root, constants.W_OK | constants.X_OK).then(
      () => undefined,
      (error: unknown) => codeOf(error) ?? String(error),
    );
  }

  async space(): Promise<DiskSpace> {
    const { bavail, bsize, blocks } = await orDiskFailed(this.#root, spaceOf(this.#root));
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  }

  /** Does it when it can be done, making the folders that `file` lies in. */
  async #inFolders<T>(file: string, make: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await make();
      } catch (cause) {
        if (codeOf(cause) !== 'ENOENT' || tries === mostTries) throw diskFailed(join(this.#root, file), cause);
        await this.#makeFolders(dirname(file));
      }
    }
  }

  /** One by one from the root: where that is gone, so is the disk, and nothing is to be made in its place. */
  async #makeFolders(folder: string): Promise<void> {
    if (folder === '.') return;
    await this.#makeFolders(dirname(folder));
    const path = join(this.#root, folder);
    try {
      await makeFolder(path, { recursive: false });
    } catch (cause) {
      if (codeOf(cause) !== 'EEXIST') throw diskFailed(path, cause);
    }
  }
}

function parentOf(folder: string): string {
  const parent = dirname(folder);
  return parent === '.' ? '' : parent;
}
