import { readFile } from 'node:fs/promises';
import { AppError } from '../../units/app-error.ts';
import type { Clock } from '../../units/clock.ts';
import { type Incarnation, incarnation } from '../../units/ids.ts';
import type { Log } from '../../units/log.ts';
import { after, millis } from '../../units/time.ts';
import { replaceFile } from './replace-file.ts';

/** A disk that takes nothing is asked again that often. */
const retryEvery = millis(10_000);

/** Where the number of a server's life outlasts its process. */
export class IncarnationFile {
  readonly #file: string;
  readonly #clock: Clock;
  readonly #log: Log;
  /** Of this process's latest life. */
  #last: number | undefined;
  /** The writes, one behind the other: they share a draft. */
  #writing: Promise<void> = Promise.resolve();
  #cancelRetry: (() => void) | undefined;

  constructor(file: string, { clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#file = file;
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * A number larger than that of every earlier life of this server and than `above`. The wall clock keeps it growing when the file is lost
   * with its disk; the file does when the clock is wrong; when both fail, what the peers know of this server does.
   * A process begins only with a number that is kept: rejects with `disk-failed`. Its later lives don't end with a full disk: the number
   * is kept as soon as it can be.
   */
  async next(wallMs: number, above = 0): Promise<Incarnation> {
    const isFirst = this.#last === undefined;
    const known = this.#last ?? (await readNumber(this.#file));
    const next = Math.max(Math.floor(wallMs), known + 1, above + 1);
    this.#last = next;
    try {
      await this.#keep();
    } catch (cause) {
      const error = new AppError(
        'disk-failed',
        `the number of this life can't be kept in ${this.#file}: ${String(cause)}; make room there or make it writable`,
        { cause },
      );
      if (isFirst) {
        this.#last = undefined;
        throw error;
      }
      this.#log.error(error.message, { code: error.code });
      this.#retryLater();
    }
    return incarnation(next);
  }

  /** Tries no more; resolves when nothing is being written. */
  async close(): Promise<void> {
    this.#last = undefined;
    this.#cancelRetry?.();
    await this.#writing;
  }

  #keep(): Promise<void> {
    const kept = this.#writing.then(() => writeNumber(this.#file, this.#last));
    this.#writing = kept.catch(() => undefined);
    return kept;
  }

  #retryLater(): void {
    this.#cancelRetry?.();
    if (this.#last === undefined) return;
    this.#cancelRetry = this.#clock.setTimer(after(this.#clock.monotonic(), retryEvery), () => {
      this.#keep().then(
        () => this.#log.info('the number of this life is kept now', { incarnation: this.#last }),
        () => this.#retryLater(),
      );
    });
  }
}

async function readNumber(file: string): Promise<number> {
  const kept = Number(await readFile(file, 'utf8').catch(() => '0'));
  return Number.isSafeInteger(kept) ? kept : 0;
}

async function writeNumber(file: string, value: number | undefined): Promise<void> {
  if (value !== undefined) await replaceFile(file, String(value));
}
