import { close, constants, fdatasync, fstat, fsync, ftruncate, open, read } from 'node:fs';
import { promisify } from 'node:util';
import type { OpenFile, WritableFile } from '../../../archive/disk/archive-disk.ts';
import type { ByteRange } from '../../../archive/recovery/file-reading.ts';
import { diskFailed, ifThere, orDiskFailed } from '../disk-error.ts';
import { writeParts } from '../write-parts.ts';

// By bare descriptors and callbacks made promises: a start opens tens of thousands of files, and `FileHandle`s would cost it half as much again.
const openFile = promisify(open);
const closeFile = promisify(close);
const statFile = promisify(fstat);
const syncData = promisify(fdatasync);
const syncAll = promisify(fsync);
const cutFile = promisify(ftruncate);

const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_WRONLY, O_DIRECTORY } = constants;
const ways = { create: O_WRONLY | O_APPEND | O_CREAT | O_EXCL, edit: O_WRONLY | O_APPEND } as const;

/** Undefined when there is none. */
export async function openToRead(path: string): Promise<OpenFile | undefined> {
  const descriptor = await ifThere(path, openFile(path, O_RDONLY));
  if (descriptor === undefined) return undefined;
  try {
    return new NodeOpenFile(path, descriptor, (await orDiskFailed(path, statFile(descriptor))).size);
  } catch (error) {
    await closeFile(descriptor);
    throw error;
  }
}

/** Rejects as the system does. */
export async function openToWrite(path: string, way: keyof typeof ways): Promise<WritableFile> {
  return new NodeWritableFile(path, await openFile(path, ways[way]));
}

export async function syncFolder(path: string): Promise<void> {
  const descriptor = await openFile(path, O_RDONLY | O_DIRECTORY);
  try {
    await syncAll(descriptor);
  } finally {
    await closeFile(descriptor);
  }
}

class NodeOpenFile implements OpenFile {
  readonly bytes: number;
  readonly #path: string;
  readonly #descriptor: number;

  constructor(path: string, descriptor: number, bytes: number) {
    this.#path = path;
    this.#descriptor = descriptor;
    this.bytes = bytes;
  }

  async read({ offset, length }: ByteRange): Promise<Uint8Array> {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.bytes - offset)));
    let filled = 0;
    while (filled < bytes.length) {
      const got = await this.#readInto(bytes, filled, offset + filled);
      if (got === 0) break;
      filled += got;
    }
    return bytes.subarray(0, filled);
  }

  close(): Promise<void> {
    return orDiskFailed(this.#path, closeFile(this.#descriptor));
  }

  #readInto(bytes: Uint8Array, at: number, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      read(this.#descriptor, bytes, at, bytes.length - at, position, (error, got) => {
        if (error === null) resolve(got);
        else reject(diskFailed(this.#path, error));
      });
    });
  }
}

class NodeWritableFile implements WritableFile {
  readonly #path: string;
  readonly #descriptor: number;

  constructor(path: string, descriptor: number) {
    this.#path = path;
    this.#descriptor = descriptor;
  }

  append(parts: readonly Uint8Array[]): Promise<void> {
    return orDiskFailed(this.#path, writeParts(this.#descriptor, parts));
  }

  cut(bytes: number): Promise<void> {
    return orDiskFailed(this.#path, cutFile(this.#descriptor, bytes));
  }

  sync(): Promise<void> {
    return orDiskFailed(this.#path, syncData(this.#descriptor));
  }

  close(): Promise<void> {
    return orDiskFailed(this.#path, closeFile(this.#descriptor));
  }
}
