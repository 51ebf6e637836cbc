import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes the folder and those above it that are missing. Not by `mkdir` with `recursive`, which goes round for ever where a folder that is
 * there can't have others, as in /proc.
 */
export async function makeFolder(path: string): Promise<void> {
  if (await makes(path)) return;
  const parent = dirname(path);
  if (parent !== path) await makeFolder(parent);
  if (!(await makes(path))) await mkdir(path);
}

/** False when the folder above it is missing. */
async function makes(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return false;
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return true;
    throw error;
  }
}
