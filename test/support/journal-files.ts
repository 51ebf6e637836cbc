import type { JournalFiles } from '../../src/events/journal/journal.ts';

const nothing = new Uint8Array(0);

export interface MemoryFiles extends JournalFiles {
  readonly content: Map<string, string>;
  /** So many bytes were read from the files, and so many at once at most. */
  readonly reads: { bytes: number; most: number };
}

/** A journal's folder in memory. */
export function memoryFiles(content: Record<string, string> = {}): MemoryFiles {
  const files = new Map(Object.entries(content).map(([name, text]) => [name, Buffer.from(text)]));
  const reads = { bytes: 0, most: 0 };
  return {
    get content() {
      return new Map([...files].map(([name, bytes]) => [name, bytes.toString()]));
    },
    reads,
    list: async () => [...files].map(([name, bytes]) => ({ name, bytes: bytes.length })),
    read: async (name, from, to) => {
      reads.bytes += to - from;
      reads.most = Math.max(reads.most, to - from);
      return files.get(name)?.subarray(from, to) ?? nothing;
    },
    append: async (name, bytes) => {
      files.set(name, Buffer.concat([files.get(name) ?? nothing, bytes]));
    },
    remove: async (name) => {
      files.delete(name);
    },
  };
}
