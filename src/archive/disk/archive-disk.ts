import type { ByteRange } from '../recovery/file-reading.ts';

/**
 * The port to the files of one archive. Paths are relative to its root, with slashes. Everything rejects with an `AppError` `disk-failed`, whose
 * `detail.code` is the system's (`ENOSPC`, `EIO`, `EROFS` …), but for what is not there: that is an answer.
 */
export interface ArchiveDisk {
  /** The names in a folder, in no order; `''` is the root. Undefined when there is no such folder. */
  list(folder: string): Promise<readonly string[] | undefined>;
  /** Another text after names were added to the folder or removed from it. Undefined when there is none. */
  stamp(folder: string): Promise<string | undefined>;
  /** Undefined when there is no such file. */
  look(file: string): Promise<FileLook | undefined>;
  /** The last bytes of a file, as many as it has; undefined when there is none. */
  tail(file: string, bytes: number): Promise<FileTail | undefined>;
  /** For reading. Undefined when there is no such file. */
  open(file: string): Promise<OpenFile | undefined>;

  /** Makes a file that nobody has made (`EEXIST`), and the folders above it; never the root itself. */
  create(file: string): Promise<WritableFile>;
  /** A file that is there (`ENOENT`), to be mended. */
  edit(file: string): Promise<WritableFile>;
  /**
   * The file has these bytes, or what it had before, at whatever moment the machine dies. With `sync` it has these when the promise resolves;
   * without, the bytes themselves may be torn by a crash. Makes no folders.
   */
  replace(file: string, bytes: Uint8Array, options: { readonly sync: boolean }): Promise<void>;
  /** The file is called `to` then, in place of what was called so before; at whatever moment the machine dies it has one of both names. Makes folders. */
  move(file: string, to: string): Promise<void>;
  /** False when it wasn't there. Who has it open goes on reading. */
  remove(file: string): Promise<boolean>;
  /** Only when nothing is in it; false when there is, or it wasn't there. */
  removeFolder(folder: string): Promise<boolean>;
  /** That these names last: the folder and all above it, the root included. */
  syncFolders(folder: string): Promise<void>;

  /** Makes the root, and folders above it. */
  makeRoot(): Promise<void>;
  /** Why nothing can be written below the root, in the system's word (`EROFS`); undefined when it can. */
  refusal(): Promise<string | undefined>;
  space(): Promise<DiskSpace>;
}

export interface FileLook {
  readonly bytes: number;
  /** UTC milliseconds of the last change of its bytes, by the clock of whoever keeps the disk. */
  readonly changedMs: number;
}

interface FileTail {
  /** Of all of the file. */
  readonly bytes: number;
  readonly tail: Uint8Array;
}

export interface OpenFile {
  /** When it was opened. */
  readonly bytes: number;
  /** Fewer where the file ends. */
  read(range: ByteRange): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** One call at a time, but for `sync`, which may run beside an `append`: it is about what was appended before. */
export interface WritableFile {
  /** Behind what there is. A disk that refuses may have taken a part. */
  append(parts: readonly Uint8Array[]): Promise<void>;
  /** Shortens the file to so many bytes. */
  cut(bytes: number): Promise<void>;
  /** The bytes, not the name, are on the disk when it resolves. Once it has rejected, what is on the disk is unknown. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface DiskSpace {
  /** For this process, without what is kept for others. */
  readonly freeBytes: number;
  readonly totalBytes: number;
}
