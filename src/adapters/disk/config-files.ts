import { readdir, readFile, stat } from 'node:fs/promises';
import type { ConfigFiles, FileText } from '../../config/loading/load.ts';

/** 5,000 streams need about 1 MB; a larger file than this is a video or a device. */
const largestFile = 16 * 1024 * 1024;

/** The disk, as the configuration reads it. Relative paths start at the working directory. */
export const configFiles: ConfigFiles = {
  async readText(path: string): Promise<FileText> {
    try {
      const found = await stat(path);
      if (found.isCharacterDevice() || found.isBlockDevice()) return { kind: 'unreadable', reason: 'it is a device' };
      if (found.size > largestFile) return { kind: 'unreadable', reason: `it is larger than ${largestFile} bytes` };
      return decode(await readFile(path));
    } catch (error) {
      return { kind: 'unreadable', reason: reasonOf(error) };
    }
  },

  async listFolder(path: string): Promise<readonly string[]> {
    try {
      return await readdir(path);
    } catch {
      // No such folder is no match; a file that matters and can't be read is named without a pattern.
      return [];
    }
  },
};

function decode(bytes: Uint8Array): FileText {
  try {
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { kind: 'unreadable', reason: 'it is no text in UTF-8' };
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'no permission',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is no folder',
  ELOOP: 'its links lead in a circle',
};

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  return reasons[code] ?? code;
}
