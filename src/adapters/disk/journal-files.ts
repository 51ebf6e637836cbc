import { appendFile, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { JournalFiles } from '../../events/journal/journal.ts';

/** The journal's folder on disk, made when it is not there. */
export async function openJournalFiles(folder: string): Promise<JournalFiles> {
  await mkdir(folder, { recursive: true });
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
