import type { RunFile, RunStore } from './run-store.ts';
import type { WriteBudget } from './write-budget.ts';

interface Waiter {
  readonly upTo: number;
  readonly done: (written: boolean) => void;
}

/**
 * One file of the scratch folder: an uninterrupted recording with one set of codec parameters. Bytes are appended in order, what came while
 * the disk was busy in one write. A failed write ends the run; what was written before it stays good.
 */
export class Run {
  readonly path: string;
  readonly #store: RunStore;
  readonly #budget: WriteBudget;
  readonly #failed: (error: unknown) => void;
  #file: Promise<RunFile> | undefined;
  #waiting: Uint8Array[] = [];
  /** To be called when what is waiting, or being written, is needed no more. */
  #releases: (() => void)[] = [];
  #waiters: Waiter[] = [];
  #appended = 0;
  #written = 0;
  #pumping: Promise<void> | undefined;
  #broken = false;

  constructor(options: {
    readonly path: string;
    readonly store: RunStore;
    readonly budget: WriteBudget;
    readonly failed: (error: unknown) => void;
  }) {
    this.path = options.path;
    this.#store = options.store;
    this.#budget = options.budget;
    this.#failed = options.failed;
  }

  /** Nothing more can be appended. */
  get broken(): boolean {
    return this.#broken;
  }

  /** Bytes handed over so far. */
  get length(): number {
    return this.#appended;
  }

  /** Returns the offset at which the bytes will lie. They must not change until `done` is called. */
  append(parts: readonly Uint8Array[], length: number, done: () => void = () => undefined): number {
    const offset = this.#appended;
    this.#appended += length;
    if (this.#broken) {
      done();
      return offset;
    }
    this.#budget.take(length);
    this.#releases.push(done);
    for (const part of parts) this.#waiting.push(part);
    this.#pumping ??= this.#pump();
    return offset;
  }

  /** Whether all bytes before `upTo` came to lie in the file; answers when that is decided. */
  written(upTo: number): Promise<boolean> {
    if (this.#written >= upTo) return Promise.resolve(true);
    if (this.#broken) return Promise.resolve(false);
    return new Promise((done) => this.#waiters.push({ upTo, done }));
  }

  /** Writes what is waiting and closes the file. */
  async close(): Promise<void> {
    await this.#pumping;
    const file = this.#file;
    this.#file = undefined;
    // A file that could not be made needs no closing; a failing close loses nothing that was promised.
    await file?.then((open) => open.close()).catch(() => undefined);
  }

  async #pump(): Promise<void> {
    try {
      this.#file ??= this.#store.create(this.path);
      const file = await this.#file;
      while (this.#waiting.length > 0) await this.#writeWaiting(file);
    } catch (error) {
      this.#break(error);
    } finally {
      this.#pumping = undefined;
    }
  }

  async #writeWaiting(file: RunFile): Promise<void> {
    const parts = this.#waiting;
    const releases = this.#releases;
    const upTo = this.#appended;
    this.#waiting = [];
    this.#releases = [];
    try {
      await file.append(parts);
    } finally {
      for (const release of releases) release();
    }
    this.#budget.give(upTo - this.#written);
    this.#written = upTo;
    this.#settle();
  }

  #break(error: unknown): void {
    this.#broken = true;
    this.#budget.give(this.#appended - this.#written);
    this.#waiting = [];
    for (const release of this.#releases.splice(0)) release();
    this.#settle();
    this.#failed(error);
  }

  #settle(): void {
    const decided = this.#waiters.filter(({ upTo }) => this.#broken || upTo <= this.#written);
    this.#waiters = this.#waiters.filter((waiter) => !decided.includes(waiter));
    for (const { upTo, done } of decided) done(upTo <= this.#written);
  }
}
