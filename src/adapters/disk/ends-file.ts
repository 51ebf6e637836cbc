import { open, readFile, rename } from 'node:fs/promises';
import type { EndsFile } from '../../events/ends/kept-ends.ts';

/** A file that is replaced as a whole: a draft beside it is synced, then renamed. */
export function endsFile(path: string): EndsFile {
  return {
    async read() {
      try {
        return await readFile(path, 'utf8');
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
        throw error;
      }
    },
    async write(text) {
      const draft = `${path}.draft`;
      const file = await open(draft, 'w');
      try {
        await file.writeFile(text);
        await file.datasync();
      } finally {
        await file.close();
      }
      await rename(draft, path);
    },
  };
}
