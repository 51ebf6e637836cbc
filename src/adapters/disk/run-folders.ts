import { rm } from 'node:fs/promises';
import type { ScratchFolders } from '../../pool/pool.ts';

export const nodeScratchFolders: ScratchFolders = {
  async remove(path: string): Promise<void> {
    await rm(path, { recursive: true, force: true });
  },
};
