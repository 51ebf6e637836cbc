import type { StreamName } from '../../units/ids.ts';
import { type RunIndex, readIndex } from '../index/run-index.ts';
import { formatRunName, type RunName } from '../layout/run-name.ts';
import type { ArchivedRun } from './archived-run.ts';

/** The port to indexes: one's own from the disk, a peer's from that. */
export interface IndexSource<R extends ArchivedRun> {
  /** All of the index, as it is now. Rejects with an `AppError` when nobody who has it can be asked. */
  load(stream: StreamName, run: R): Promise<Uint8Array>;
}

/** An hour's index has half a megabyte: playing a day of one stream takes a third of this. */
const mostCachedBytes = 32 * 1024 * 1024;

/** Indexes that were lately asked for, the latest longest; each is read once for all who ask at the same time. */
export class IndexCache<R extends ArchivedRun = ArchivedRun> {
  readonly #source: IndexSource<R>;
  readonly #mostBytes: number;
  /** Least lately asked for first. */
  readonly #cached = new Map<string, RunIndex>();
  readonly #loading = new Map<string, Promise<RunIndex | undefined>>();
  #bytes = 0;

  constructor(source: IndexSource<R>, mostBytes: number = mostCachedBytes) {
    this.#source = source;
    this.#mostBytes = mostBytes;
  }

  /** Held now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Undefined when what was read is no index. Rejects as the source does. */
  async get(stream: StreamName, run: R): Promise<RunIndex | undefined> {
    const key = `${stream} ${formatRunName(run)}`;
    const cached = this.#cached.get(key);
    if (cached !== undefined && cached.mediaBytes >= run.bytes) return this.#keep(key, cached);
    const loading = this.#loading.get(key) ?? this.#load(key, stream, run);
    this.#loading.set(key, loading);
    return loading;
  }

  /** Its run is gone, or its index was written anew. */
  forget(stream: StreamName, run: RunName): void {
    this.#drop(`${stream} ${formatRunName(run)}`);
  }

  async #load(key: string, stream: StreamName, run: R): Promise<RunIndex | undefined> {
    try {
      const read = readIndex(await this.#source.load(stream, run));
      return read.kind === 'index' ? this.#keep(key, read.index) : undefined;
    } finally {
      this.#loading.delete(key);
    }
  }

  #keep(key: string, index: RunIndex): RunIndex {
    this.#drop(key);
    this.#cached.set(key, index);
    this.#bytes += index.bytes.length;
    for (const oldest of this.#cached.keys()) {
      if (this.#bytes <= this.#mostBytes || oldest === key) break;
      this.#drop(oldest);
    }
    return index;
  }

  #drop(key: string): void {
    this.#bytes -= this.#cached.get(key)?.bytes.length ?? 0;
    this.#cached.delete(key);
  }
}
