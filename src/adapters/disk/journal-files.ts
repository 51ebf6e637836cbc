import { appendFile, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { JournalFiles } from '../../events/journal/journal.ts';
import { AppError } from '../../units/app-error.ts';
import { makeFolder } from './make-folder.ts';

/** The journal's folder on disk, made when it is not there. Rejects with `disk-failed`. */
export async function openJournalFiles(folder: string): Promise<JournalFiles> {
  try {
    await makeFolder(folder);
  } catch (cause) {
    throw new AppError('disk-failed', `the folder of events, ${folder}, can't be made: ${String(cause)}`, { cause });
  }
  return {
    async list() {
      const names = (await readdir(folder)).filter((name) => /^\d{4}-\d{2}-\d{2}\.jsonl$/.test(name));
      return Promise.all(names.map(async (name) => ({ name, bytes: (await stat(join(folder, name))).size })));
    },
    async read(name, from, to) {
      const file = await open(join(folder, name));
      try {
        const { buffer, bytesRead } = await file.read(new Uint8Array(to - from), 0, to - from, from);
        return buffer.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    },
    append: (name, bytes) => appendFile(join(folder, name), bytes),
    remove: (name) => rm(join(folder, name), { force: true }),
  };
}
