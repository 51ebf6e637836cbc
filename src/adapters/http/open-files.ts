import { type FileHandle, open } from 'node:fs/promises';
import type { Clock } from '../../units/clock.ts';
import { after, type Instant, millis } from '../../units/time.ts';

/** A viewed stream has one file in writing; the bound leaves room for other descriptors of the process. */
const mostFiles = 512;
/** A list is read again every few seconds; a deleted file must not hold its disk space for long. */
const idleAfter = millis(10_000);

interface OpenFile {
  readonly handle: Promise<FileHandle>;
  readers: number;
  lastUsed: Instant;
}

/** Read handles of the files that segments are served from, kept between requests. */
export class OpenFiles {
  readonly #clock: Clock;
  readonly #files = new Map<string, OpenFile>();
  #cancelSweep: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs `read` with the file open; rejects as `open` does. */
  async with<T>(path: string, read: (handle: FileHandle) => Promise<T>): Promise<T> {
    const file = this.#files.get(path) ?? this.#open(path);
    file.readers += 1;
    file.lastUsed = this.#clock.monotonic();
    try {
      return await read(await file.handle);
    } finally {
      file.readers -= 1;
      // Pushed out of the map while it was read.
      if (file.readers === 0 && this.#files.get(path) !== file) closeQuietly(file);
    }
  }

  close(): void {
    this.#cancelSweep?.();
    for (const path of [...this.#files.keys()]) this.#remove(path);
  }

  #open(path: string): OpenFile {
    const file: OpenFile = { handle: open(path, 'r'), readers: 0, lastUsed: this.#clock.monotonic() };
    // A file that isn't there may come: the failure isn't kept.
    file.handle.catch(() => this.#files.get(path) === file && this.#files.delete(path));
    this.#files.set(path, file);
    if (this.#files.size > mostFiles) this.#remove(this.#files.keys().next().value ?? path);
    this.#cancelSweep ??= this.#clock.setTimer(after(this.#clock.monotonic(), idleAfter), () => this.#sweep());
    return file;
  }

  #sweep(): void {
    this.#cancelSweep = undefined;
    const now = this.#clock.monotonic();
    for (const [path, file] of this.#files) {
      if (file.readers === 0 && now >= after(file.lastUsed, idleAfter)) this.#remove(path);
    }
    if (this.#files.size > 0) {
      this.#cancelSweep = this.#clock.setTimer(after(now, idleAfter), () => this.#sweep());
    }
  }

  #remove(path: string): void {
    const file = this.#files.get(path);
    this.#files.delete(path);
    if (file !== undefined && file.readers === 0) closeQuietly(file);
  }
}

function closeQuietly(file: OpenFile): void {
  // A handle that was never opened has nothing to close; an error of closing a read-only file loses nothing.
  file.handle.then((handle) => handle.close()).catch(() => undefined);
}
