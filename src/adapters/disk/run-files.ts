import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { RunFile, RunStore } from '../../capture/run/run-store.ts';
import { AppError } from '../../units/app-error.ts';

/** IOV_MAX: the kernel refuses more pieces in one call. */
const mostParts = 1024;

/** Run files in the scratch folder, through libuv's threads: the calling thread never waits for the disk. */
export const nodeRunStore: RunStore = {
  async create(path: string): Promise<RunFile> {
    return new NodeRunFile(path, await orDiskFailed(path, () => createFile(path)));
  },

  async remove(path: string): Promise<void> {
    await orDiskFailed(path, () => rm(path, { force: true }));
  },
};

/** Most files of a capture lie in a folder that exists. */
async function createFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'w');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await mkdir(dirname(path), { recursive: true });
    return open(path, 'w');
  }
}

class NodeRunFile implements RunFile {
  readonly #path: string;
  readonly #handle: FileHandle;

  constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  async append(parts: readonly Uint8Array[]): Promise<void> {
    await orDiskFailed(this.#path, async () => {
      for (let from = 0; from < parts.length; from += mostParts) {
        await this.#writeAll(parts.slice(from, from + mostParts));
      }
    });
  }

  async close(): Promise<void> {
    await orDiskFailed(this.#path, () => this.#handle.close());
  }

  /** A full disk may take a part and refuse the rest only with the next call. */
  async #writeAll(parts: readonly Uint8Array[]): Promise<void> {
    let rest = parts;
    while (rest.length > 0) {
      const { bytesWritten } = await this.#handle.writev([...rest]);
      rest = behind(rest, bytesWritten);
    }
  }
}

function behind(parts: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let left = bytes;
  return parts.flatMap((part) => {
    const skipped = Math.min(left, part.length);
    left -= skipped;
    return skipped === part.length ? [] : [part.subarray(skipped)];
  });
}

async function orDiskFailed<T>(path: string, job: () => Promise<T>): Promise<T> {
  try {
    return await job();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    throw new AppError('disk-failed', `${code ?? 'an error'} at ${path}`, { cause, detail: { code, path } });
  }
}
