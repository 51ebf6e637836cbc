import { close, mkdir, open, rm } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { RunFile, RunStore } from '../../capture/run/run-store.ts';
import { codeOf, orDiskFailed } from './disk-error.ts';
import { writeParts } from './write-parts.ts';

/** Run files in the scratch folder, through libuv's threads: the calling thread never waits for the disk. */
export const nodeRunStore: RunStore = {
  async create(path: string): Promise<RunFile> {
    return new NodeRunFile(path, await orDiskFailed(path, createFile(path)));
  },

  async remove(path: string): Promise<void> {
    await orDiskFailed(path, promisify(rm)(path, { force: true }));
  },
};

const openFile = promisify(open);
const makeFolder = promisify(mkdir);
const closeFile = promisify(close);

/** Most files of a capture lie in a folder that exists. */
async function createFile(path: string): Promise<number> {
  try {
    return await openFile(path, 'w');
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    await makeFolder(dirname(path), { recursive: true });
    return openFile(path, 'w');
  }
}

/** By its bare descriptor: for hundreds of writes a second, what a `FileHandle` makes of each would cost more than the call. */
class NodeRunFile implements RunFile {
  readonly #path: string;
  readonly #descriptor: number;

  constructor(path: string, descriptor: number) {
    this.#path = path;
    this.#descriptor = descriptor;
  }

  append(parts: readonly Uint8Array[]): Promise<void> {
    return orDiskFailed(this.#path, writeParts(this.#descriptor, parts));
  }

  async close(): Promise<void> {
    await orDiskFailed(this.#path, closeFile(this.#descriptor));
  }
}
