import { AppError } from '../../units/app-error.ts';
import type { Clock } from '../../units/clock.ts';
import { ticks } from '../../units/ticks.ts';
import { after, type Instant, millis } from '../../units/time.ts';
import type { ArchiveDisk } from '../disk/archive-disk.ts';
import type { Closing, EndReason } from '../index/closing.ts';
import type { FragmentRecord } from '../index/record.ts';
import type { Checksums } from '../recovery/recovery.ts';
import type { Drop } from './drops.ts';
import { type PlacedFragment, RunFiles, type RunToMake } from './run-files.ts';
import type { SyncTurns } from './sync-turns.ts';

/**
 * From the first write that isn't synced to the sync of it: with half a second for the sync itself, a crash of the machine takes no more than two.
 */
const syncAfter = millis(1_500);

/** Bytes that a worker has handed to disks and that they have not taken yet, over all of its files. */
interface MemoryBudget {
  readonly exhausted: boolean;
  take(bytes: number): void;
  give(bytes: number): void;
}

/** What a recorder knows of a fragment; the rest follows from its bytes and its place. */
export type FragmentFacts = Omit<FragmentRecord, 'offset' | 'length' | 'checksum' | 'durable'>;

export interface RunRecordingOptions extends RunToMake {
  readonly disk: ArchiveDisk;
  readonly checksums: Checksums;
  readonly clock: Clock;
  readonly syncs: SyncTurns;
  readonly budget: MemoryBudget;
  /** This fragment is not in the archive. */
  readonly dropped: (drop: Drop) => void;
  /** The disk takes no more; once. What was dropped by it has been told. */
  readonly failed: (error: AppError) => void;
}

/** How a run ended. `left`: the disk didn't take its end; it is to be recovered, as after a crash. `nothing`: there are no files of it. */
export type RunEnd =
  | { readonly kind: 'ended'; readonly closing: Closing }
  | { readonly kind: 'left' }
  | { readonly kind: 'nothing' };

interface Waiting extends PlacedFragment {
  readonly done: () => void;
}

/**
 * A run in the making. Fragments are written as they come, what came while the disk was busy at once; syncs go on beside. Nothing here ever
 * waits for the disk but `close`: what the disk does not take in time, or at all, is dropped and told, and ends the run.
 */
export class RunRecording {
  readonly #options: RunRecordingOptions;
  #files: RunFiles | undefined;
  #length: number;
  #waiting: Waiting[] = [];
  #waiters: { readonly upTo: number; readonly done: (written: boolean) => void }[] = [];
  #written = 0;
  #pumping: Promise<void> | undefined;
  #syncing: Promise<void> | undefined;
  #cancelSync: (() => void) | undefined;
  #unsyncedSince: Instant | undefined;
  /** Takes nothing any more. */
  #over = false;
  #error: AppError | undefined;
  /** The index, or what is on the disk at all, is in doubt. */
  #doubt = false;

  constructor(options: RunRecordingOptions) {
    this.#options = options;
    this.#length = options.init.length;
  }

  /** Nothing more can be appended: what follows belongs into another run. */
  get broken(): boolean {
    return this.#over;
  }

  /** Of the recording, with what is still to be written. */
  get length(): number {
    return this.#length;
  }

  /** Since when there is something that a crash of the machine would take; undefined when there is nothing. */
  get unsyncedSince(): Instant | undefined {
    return this.#unsyncedSince;
  }

  /**
   * Returns the offset at which the bytes will lie; undefined when the fragment is dropped. The bytes must not change until `done` is called, which
   * happens in any case.
   */
  append(facts: FragmentFacts, parts: readonly Uint8Array[], done: () => void = () => undefined): number | undefined {
    const { budget, checksums } = this.#options;
    const offset = this.#length;
    let [length, checksum] = [0, 0];
    for (const part of parts) length += part.length;
    if (this.#over || budget.exhausted) {
      this.#drop({ ...facts, length }, this.#error === undefined ? 'slow' : codeOf(this.#error));
      this.#over = true;
      done();
      return undefined;
    }
    for (const part of parts) checksum = checksums.crc32(part, checksum);
    this.#length += length;
    budget.take(length);
    this.#waiting.push({ ...facts, offset, length, checksum, parts, done });
    this.#pumping ??= this.#pump();
    return offset;
  }

  /** Whether all bytes before `upTo` can be read from the file; answers when that is decided. */
  written(upTo: number): Promise<boolean> {
    if (this.#written >= upTo) return Promise.resolve(true);
    if (this.#error !== undefined) return Promise.resolve(false);
    return new Promise((done) => this.#waiters.push({ upTo, done }));
  }

  /** Writes what is waiting, and the run's end; resolves when it is on the disk, or can't be. Never rejects; called once. */
  async close(reason: EndReason): Promise<RunEnd> {
    this.#over = true;
    await this.#pumping;
    this.#cancelSync?.();
    await this.#syncing;
    const files = this.#files;
    if (files === undefined) return { kind: this.#error === undefined ? 'nothing' : 'left' };
    const end = await this.#end(files, this.#error === undefined ? reason : 'write-failed');
    await files.close();
    this.#unsyncedSince = undefined;
    return end;
  }

  async #end(files: RunFiles, reason: EndReason): Promise<RunEnd> {
    // A start, or whoever recovers it, reads what is there; here nobody knows.
    if (this.#doubt || files.count === 0) return { kind: 'left' };
    let closing: Closing | undefined;
    await this.#options.syncs
      .take(async () => {
        closing = await files.end(reason);
      })
      .catch((error: unknown) => this.#tell(error));
    return closing === undefined ? { kind: 'left' } : { kind: 'ended', closing };
  }

  async #pump(): Promise<void> {
    try {
      this.#files ??= await RunFiles.create(this.#options.disk, this.#options, this.#options.checksums);
      while (this.#waiting.length > 0 && this.#error === undefined)
        await this.#write(this.#files, this.#waiting.splice(0));
    } catch (error) {
      this.#break(error, []);
    } finally {
      this.#pumping = undefined;
    }
  }

  async #write(files: RunFiles, fragments: readonly Waiting[]): Promise<void> {
    try {
      await files.write(fragments);
    } catch (error) {
      this.#break(error, fragments);
      return;
    }
    for (const { length, done } of fragments) {
      this.#options.budget.give(length);
      done();
    }
    this.#written = fragments.reduce((_, { offset, length }) => offset + length, this.#written);
    this.#settle();
    this.#unsyncedSince ??= this.#options.clock.monotonic();
    try {
      await files.record(fragments);
    } catch (error) {
      this.#doubt = true;
      this.#break(error, []);
    }
    this.#syncSoon();
  }

  #syncSoon(): void {
    if (this.#cancelSync !== undefined || this.#syncing !== undefined || this.#over) return;
    const { clock, syncs } = this.#options;
    this.#cancelSync = clock.setTimer(after(clock.monotonic(), syncAfter), () => {
      this.#cancelSync = undefined;
      this.#syncing = syncs
        .take(() => this.#sync())
        .finally(() => {
          this.#syncing = undefined;
          if (this.#unsyncedSince !== undefined) this.#syncSoon();
        });
    });
  }

  async #sync(): Promise<void> {
    const files = this.#files;
    if (files === undefined || this.#doubt) return;
    const before = this.#options.clock.monotonic();
    const count = files.count;
    try {
      await files.sync();
      this.#unsyncedSince = files.count > count ? before : undefined;
    } catch (error) {
      // Linux throws away what it could not write, and says so once.
      this.#doubt = true;
      this.#break(error, []);
    }
  }

  /** `unwritten`: what was under way. */
  #break(error: unknown, unwritten: readonly Waiting[]): void {
    const first = this.#error === undefined;
    this.#over = true;
    this.#error ??= asAppError(error);
    for (const fragment of [...unwritten, ...this.#waiting.splice(0)]) {
      this.#options.budget.give(fragment.length);
      this.#drop(fragment, codeOf(this.#error));
      fragment.done();
    }
    this.#settle();
    if (first) this.#options.failed(this.#error);
  }

  /** The recording is there, its end is not. */
  #tell(error: unknown): void {
    if (this.#error !== undefined) return;
    this.#error = asAppError(error);
    this.#options.failed(this.#error);
  }

  #drop({ start, duration, length }: Pick<PlacedFragment, 'start' | 'duration' | 'length'>, why: string): void {
    this.#options.dropped({ start, end: ticks(start + duration), fragments: 1, bytes: length, why });
  }

  #settle(): void {
    const decided = this.#waiters.filter(({ upTo }) => this.#error !== undefined || upTo <= this.#written);
    this.#waiters = this.#waiters.filter((waiter) => !decided.includes(waiter));
    for (const { upTo, done } of decided) done(upTo <= this.#written);
  }
}

function asAppError(error: unknown): AppError {
  return error instanceof AppError ? error : new AppError('internal', String(error), { cause: error });
}

function codeOf({ detail }: AppError): string {
  return typeof detail.code === 'string' ? detail.code : 'unknown';
}
