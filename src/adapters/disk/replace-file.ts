import { open, rename } from 'node:fs/promises';

/** The old text stays until the new one is whole on the disk. Rejects as the system does; one call at a time for a file, they share a draft. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const draft = `${path}.new`;
  const file = await open(draft, 'w');
  try {
    await file.writeFile(text);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}
