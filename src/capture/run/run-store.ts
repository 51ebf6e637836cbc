/** The port to the scratch folder's files. Implemented by `adapters/disk/run-files.ts`; writes never block the thread. */
export interface RunStore {
  /** Makes the file and the folders above it. */
  create(path: string): Promise<RunFile>;
  /** Removes the file if it is there; a reader that has it open goes on reading. */
  remove(path: string): Promise<void>;
}

export interface RunFile {
  /** Resolves when the bytes can be read from the file by anyone; rejects with an `AppError` `disk-failed`. One call at a time. */
  append(parts: readonly Uint8Array[]): Promise<void>;
  close(): Promise<void>;
}
