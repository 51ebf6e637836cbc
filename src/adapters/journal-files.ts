import { appendFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { JournalFiles } from '../events/journal.ts';

/** The journal's folder on disk, made when it is not there. */
export async function openJournalFiles(folder: string): Promise<JournalFiles> {
  await mkdir(folder, { recursive: true });
  return {
    async list() {
      const names = await readdir(folder);
      return names.filter((name) => /^\d{4}-\d{2}-\d{2}\.jsonl$/.test(name));
    },
    read: (name) => readFile(join(folder, name), 'utf8'),
    append: (name, text) => appendFile(join(folder, name), text),
    remove: (name) => rm(join(folder, name), { force: true }),
  };
}
