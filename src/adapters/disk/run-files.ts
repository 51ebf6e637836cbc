import { close, mkdir, open, rm, writev } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { RunFile, RunStore } from '../../capture/run/run-store.ts';
import { AppError } from '../../units/app-error.ts';

/** IOV_MAX: the kernel refuses more pieces in one call. */
const mostParts = 1024;

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
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
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
    return new Promise((resolve, reject) => {
      // A full disk may take a part and refuse the rest only with the next call.
      const write = (rest: readonly Uint8Array[]): void => {
        if (rest.length === 0) resolve();
        else
          writev(this.#descriptor, rest.length > mostParts ? rest.slice(0, mostParts) : rest, (error, written) => {
            if (error === null) write(behind(rest, written));
            else reject(diskFailed(this.#path, error));
          });
      };
      write(parts);
    });
  }

  async close(): Promise<void> {
    await orDiskFailed(this.#path, closeFile(this.#descriptor));
  }
}

/** What is left of the parts behind so many bytes. */
function behind(parts: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let left = bytes;
  let whole = 0;
  for (const { length } of parts) {
    if (left < length) break;
    left -= length;
    whole += 1;
  }
  const [first, ...others] = parts.slice(whole);
  return first === undefined ? [] : [first.subarray(left), ...others];
}

async function orDiskFailed<T>(path: string, job: Promise<T>): Promise<T> {
  try {
    return await job;
  } catch (cause) {
    throw diskFailed(path, cause);
  }
}

function diskFailed(path: string, cause: unknown): AppError {
  const { code } = cause as NodeJS.ErrnoException;
  return new AppError('disk-failed', `${code ?? 'an error'} at ${path}`, { cause, detail: { code, path } });
}
