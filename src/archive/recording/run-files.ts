import type { StreamName } from '../../units/ids.ts';
import type { ArchiveDisk, WritableFile } from '../disk/archive-disk.ts';
import type { Closing, EndReason } from '../index/closing.ts';
import type { IndexedTrack } from '../index/header.ts';
import { IndexWriter } from '../index/index-writer.ts';
import type { FragmentRecord } from '../index/record.ts';
import type { RunName } from '../layout/run-name.ts';
import { runPath } from '../layout/run-path.ts';
import type { Checksums } from '../recovery/recovery.ts';
import { requireMounted } from '../store/open-root.ts';

export interface RunToMake {
  readonly stream: StreamName;
  readonly run: RunName;
  /** `ftyp` and `moov`. */
  readonly init: Uint8Array;
  readonly tracks: readonly IndexedTrack[];
}

/** A fragment in its place, and what its record says but for what only the files know. */
export interface PlacedFragment extends Omit<FragmentRecord, 'durable'> {
  readonly parts: readonly Uint8Array[];
}

/** The two files of a run that is being recorded, in the order in which a crash may cut off anything. */
export class RunFiles {
  readonly #disk: ArchiveDisk;
  readonly #folder: string;
  readonly #media: WritableFile;
  readonly #index: WritableFile;
  readonly #writer: IndexWriter;
  #named = false;
  /** Of the recording: the end of what was taken whole. */
  #mediaBytes: number;
  /** Fragments that are in both files, and those of them that are on the disk for certain. */
  #count = 0;
  #durable = 0;
  /** The recording may end in a part of a fragment; the index is whole. */
  #torn = false;

  private constructor(disk: ArchiveDisk, files: Made) {
    this.#disk = disk;
    this.#folder = files.folder;
    this.#media = files.media;
    this.#index = files.index;
    this.#writer = files.writer;
    this.#mediaBytes = files.mediaBytes;
  }

  /** Nobody may have made them (`EEXIST`); nothing is made while the archive's marker is gone. */
  static async create(
    disk: ArchiveDisk,
    { stream, run, init, tracks }: RunToMake,
    checksums: Checksums,
  ): Promise<RunFiles> {
    await requireMounted(disk);
    const { server, incarnation } = run;
    const about = { length: init.length, checksum: checksums.crc32(init) };
    const { writer, header } = IndexWriter.begin(
      { stream, server, incarnation, init: about, tracks },
      checksums.sha256,
    );
    const paths = { media: runPath(stream, run, 'media'), index: runPath(stream, run, 'index') };
    const folder = paths.media.slice(0, paths.media.lastIndexOf('/'));
    const media = await withFile(await disk.create(paths.media), (file) => file.append([init]));
    try {
      const index = await withFile(await disk.create(paths.index), (file) => file.append([header]));
      return new RunFiles(disk, { folder, media, index, writer, mediaBytes: init.length });
    } catch (error) {
      // Nobody's error is worth more than the first.
      await media.close().catch(() => undefined);
      throw error;
    }
  }

  /** Fragments that are in both files. */
  get count(): number {
    return this.#count;
  }

  get durable(): number {
    return this.#durable;
  }

  /** Rejects when the recording does not take all; then only `end` and `close` are of use. */
  async write(fragments: readonly PlacedFragment[]): Promise<void> {
    this.#torn = true;
    await this.#media.append(fragments.flatMap(({ parts }) => parts));
    this.#torn = false;
    const last = fragments.at(-1);
    if (last !== undefined) this.#mediaBytes = last.offset + last.length;
  }

  /** What was written gets its records. */
  async record(fragments: readonly PlacedFragment[]): Promise<void> {
    await this.#index.append(fragments.map((one) => this.#writer.append({ ...one, durable: this.#durable })));
    this.#count += fragments.length;
  }

  /** What both files had when it was called is on the disk when it resolves; beside `write` and `record`. */
  async sync(): Promise<void> {
    const count = this.#count;
    if (!this.#named) await this.#disk.syncFolders(this.#folder);
    this.#named = true;
    await this.#media.sync();
    await this.#index.sync();
    this.#durable = count;
  }

  /** After the last write: cuts off what was not taken whole, and closes the index when all is on the disk. Of a run with a fragment. */
  async end(reason: EndReason): Promise<Closing> {
    if (this.#torn) await this.#media.cut(this.#mediaBytes);
    await this.sync();
    const { closing, bytes } = this.#writer.close(reason, this.#mediaBytes);
    await this.#index.append([bytes]);
    await this.#index.sync();
    return closing;
  }

  async close(): Promise<void> {
    // What was promised is on the disk by then.
    await Promise.allSettled([this.#media.close(), this.#index.close()]);
  }
}

interface Made {
  readonly folder: string;
  readonly media: WritableFile;
  readonly index: WritableFile;
  readonly writer: IndexWriter;
  readonly mediaBytes: number;
}

async function withFile(file: WritableFile, begin: (file: WritableFile) => Promise<void>): Promise<WritableFile> {
  try {
    await begin(file);
    return file;
  } catch (error) {
    await file.close().catch(() => undefined);
    throw error;
  }
}
