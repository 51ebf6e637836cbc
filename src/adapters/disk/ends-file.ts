import { readFile } from 'node:fs/promises';
import type { EndsFile } from '../../events/ends/kept-ends.ts';
import { replaceFile } from './replace-file.ts';

/** A file that is replaced as a whole. */
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
    write: (text) => replaceFile(path, text),
  };
}
