import type { RunFile, RunStore } from '../../src/capture/run/run-store.ts';
import { AppError } from '../../src/units/app-error.ts';

/** Run files in memory, with the faults of disks. */
export class MemoryRunStore implements RunStore {
  readonly files = new Map<string, Uint8Array[]>();
  /** What the disk does with writes: take them, refuse them, or take them when it is `ok` again. */
  #mode: 'ok' | 'full' | 'hangs' = 'ok';
  #wake: (() => void)[] = [];

  set mode(mode: 'ok' | 'full' | 'hangs') {
    this.#mode = mode;
    for (const wake of this.#wake.splice(0)) wake();
  }

  async create(path: string): Promise<RunFile> {
    await this.#ready();
    const parts: Uint8Array[] = [];
    this.files.set(path, parts);
    return {
      append: async (appended) => {
        await this.#ready();
        // The kernel copies: what the writer does with its memory afterwards doesn't show.
        parts.push(...appended.map((part) => part.slice()));
      },
      close: async () => undefined,
    };
  }

  async remove(path: string): Promise<void> {
    this.files.delete(path);
  }

  read(path: string, offset: number, length: number): Buffer {
    const bytes = Buffer.concat(this.files.get(path) ?? []).subarray(offset, offset + length);
    if (bytes.length < length) throw new Error(`${path} has no ${length} bytes at ${offset}`);
    return bytes;
  }

  async #ready(): Promise<void> {
    while (this.#mode === 'hangs') await new Promise<void>((resolve) => this.#wake.push(resolve));
    if (this.#mode === 'full') throw new AppError('disk-failed', 'ENOSPC');
  }
}
