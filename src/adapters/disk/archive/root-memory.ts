import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { RootMemory } from '../../../archive/store/open-root.ts';
import { AppError } from '../../../units/app-error.ts';
import { ifThere, orDiskFailed } from '../disk-error.ts';
import { replaceFile } from '../replace-file.ts';

/** By the path of the root. */
const memorySchema = z.record(z.string(), z.string());

/** Which archive a server has had in which root, in its `state_dir`: `archives.json`. */
export class RootMemories {
  readonly #file: string;
  /** The writes, one behind the other: they share a draft. */
  #writing: Promise<void> = Promise.resolve();

  constructor(stateDir: string) {
    this.#file = join(stateDir, 'archives.json');
  }

  of(root: string): RootMemory {
    const path = resolve(root);
    return {
      recall: async () => (await this.#read())[path],
      remember: (name) => {
        const written = this.#writing.then(async () => this.#write({ ...(await this.#read()), [path]: name }));
        this.#writing = written.catch(() => undefined);
        return written;
      },
    };
  }

  /** Rejects with `disk-failed` when there is one that can't be read: to forget would be to fill a system's disk. */
  async #read(): Promise<Record<string, string>> {
    const text = await ifThere(this.#file, readFile(this.#file, 'utf8'));
    try {
      return memorySchema.parse(JSON.parse(text ?? '{}'));
    } catch (cause) {
      throw new AppError('disk-failed', `${this.#file} is no list of archives; mend it, or remove it`, { cause });
    }
  }

  async #write(memory: Record<string, string>): Promise<void> {
    await orDiskFailed(this.#file, replaceFile(this.#file, `${JSON.stringify(memory, undefined, 2)}\n`));
  }
}
