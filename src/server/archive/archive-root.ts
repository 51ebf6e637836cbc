import { closedRun, openRun } from '../../archive/catalogue/archived-run.ts';
import { Catalogue } from '../../archive/catalogue/catalogue.ts';
import type { ArchiveDisk } from '../../archive/disk/archive-disk.ts';
import type { RunName } from '../../archive/layout/run-name.ts';
import type { Checksums } from '../../archive/recovery/recovery.ts';
import { decideRetention, type Retention, type RetentionState } from '../../archive/retention/retention.ts';
import { type Deleted, deleteRuns } from '../../archive/store/delete-runs.ts';
import { openRoot, type RootMemory, requireMounted } from '../../archive/store/open-root.ts';
import { readRun } from '../../archive/store/read-day.ts';
import { recoverFound } from '../../archive/store/recover-found.ts';
import { summarize } from '../../archive/store/summarize.ts';
import { walkArchive } from '../../archive/store/walk.ts';
import { Watermarks } from '../../archive/store/watermarks.ts';
import type { ArchiveFact } from '../../facts/archive-fact.ts';
import { AppError } from '../../units/app-error.ts';
import type { Incarnation, ServerName, StreamName } from '../../units/ids.ts';
import type { Log } from '../../units/log.ts';
import type { Ticks } from '../../units/ticks.ts';

export interface ArchiveRootOptions {
  /** As the configuration has it, with the server's name filled in. */
  readonly root: string;
  readonly disk: ArchiveDisk;
  readonly memory: RootMemory;
  readonly newName: () => string;
  readonly checksums: Checksums;
  readonly server: ServerName;
  /** Of this life: what earlier ones left is mended, what this one has not ended is being recorded. */
  readonly incarnation: Incarnation;
  /** UTC of the group. */
  readonly now: () => Ticks;
  readonly log: Log;
}

/** `opening`: nobody looked yet. `away`: nothing is taken, and why. `other`: nothing may be recorded, for another archive lies there. */
export type RootState =
  | { readonly kind: 'opening' }
  | { readonly kind: 'open' }
  | { readonly kind: 'away'; readonly why: string }
  | { readonly kind: 'other'; readonly why: string };

type RunFact = Extract<ArchiveFact, { type: 'archive-run' }>;

/** One folder that this server records into: whether it is there, what lies in it, and what of it goes. */
export class ArchiveRoot {
  readonly catalogue = new Catalogue();
  readonly disk: ArchiveDisk;
  readonly #options: ArchiveRootOptions;
  readonly #watermarks: Watermarks;
  #state: RootState = { kind: 'opening' };
  #loading: Promise<void> | undefined;
  #loaded = false;

  constructor(options: ArchiveRootOptions) {
    this.#options = options;
    this.disk = options.disk;
    this.#watermarks = new Watermarks(options.disk);
  }

  get state(): RootState {
    return this.#state;
  }

  /** Of a file of the archive, on this machine. */
  pathOf(file: string): string {
    return `${this.#options.root}/${file}`;
  }

  /** All that lies there is in the catalogue. */
  get loaded(): boolean {
    return this.#loaded;
  }

  /** Looks whether the archive is there; never rejects. */
  async check(): Promise<RootState> {
    const { disk, memory, newName } = this.#options;
    try {
      if (this.#state.kind === 'open') await requireMounted(disk);
      else this.#state = stateOf(await openRoot(disk, memory, newName));
    } catch (error) {
      this.#state = { kind: 'away', why: error instanceof AppError ? error.message : String(error) };
    }
    return this.#state;
  }

  /** Lists what lies there and mends what crashes left, once; recording need not wait for it. Never rejects. */
  load(): Promise<void> {
    if (this.#state.kind !== 'open') return Promise.resolve();
    this.#loading ??= this.#load();
    return this.#loading;
  }

  /** A worker tells of a run; resolves when the catalogue has it. */
  async onRun({ stream, run, start, end, bytes, state }: RunFact): Promise<void> {
    const { catalogue } = this;
    if (state === 'open') {
      if (catalogue.of(stream).get(run) === undefined) catalogue.put(stream, openRun(run, start));
      catalogue.grow(stream, run, { end, bytes });
    } else if (state === 'nothing') catalogue.remove(stream, run);
    else if (state === 'ended') catalogue.put(stream, closedRun(run, { start, end, bytes }));
    else if (state === 'holes') await this.#readAgain(stream, run);
    else await this.#recover([{ stream, run, mediaBytes: bytes, indexBytes: undefined }]);
  }

  /** Runs that nothing is told of any more though nobody ended them: their worker died. */
  async recoverLost(lost: readonly { readonly stream: StreamName; readonly run: RunName }[]): Promise<void> {
    await this.#recover(lost.map(({ stream, run }) => ({ stream, run, mediaBytes: 1, indexBytes: undefined })));
  }

  /** Deletes what is too old or too much. Rejects when the disk does not tell how much is free. */
  async retain(
    state: Omit<RetentionState, 'now' | 'space'>,
    freePercent: number,
  ): Promise<{ readonly retention: Retention; readonly deleted: readonly Deleted[] } | undefined> {
    if (this.#state.kind !== 'open' || !this.#loaded) return undefined;
    const { disk, now } = this.#options;
    const { freeBytes, totalBytes } = await disk.space();
    const space = { freeBytes, wantedBytes: (totalBytes * freePercent) / 100 };
    const retention = decideRetention({ ...state, now: now(), space });
    const ports = { disk, catalogue: this.catalogue, watermarks: this.#watermarks, now };
    return { retention, deleted: await deleteRuns(retention.deletions, ports) };
  }

  async #load(): Promise<void> {
    const { disk, log, root, incarnation, server, now } = this.#options;
    try {
      const { catalogue, unfinished, unsummarized, failed, foreign } = await walkArchive(disk);
      for (const stream of catalogue.streams) {
        // What workers have told meanwhile is newer.
        for (const run of catalogue.of(stream).all) {
          if (this.catalogue.of(stream).get(run) === undefined) this.catalogue.put(stream, run);
        }
      }
      for (const { path, error } of failed)
        log.error('a folder of the archive can not be read', { root, path, error: String(error) });
      const left = unfinished.filter(({ run }) => run.server !== server || run.incarnation < incarnation);
      const mended = await this.#recover(left);
      this.#loaded = true;
      log.info('the archive is read', { root, streams: [...this.catalogue.streams].length, mended, foreign });
      for (const day of unsummarized) await summarize(disk, day, now());
    } catch (error) {
      // Asked for again with the next look at the disk.
      this.#loading = undefined;
      log.error('the archive can not be read', { root, error: String(error) });
    }
  }

  /** Returns how many were mended. */
  async #recover(unfinished: Parameters<typeof recoverFound>[0]): Promise<number> {
    const { disk, checksums, server, log, root } = this.#options;
    let mended = 0;
    for await (const { found, outcome } of recoverFound(unfinished, {
      disk,
      catalogue: this.catalogue,
      checksums,
      server,
    })) {
      const { stream, run } = found;
      if (outcome.kind === 'repair') mended += 1;
      else if (outcome.kind === 'empty' || outcome.kind === 'gone') this.catalogue.remove(stream, run);
      else if (outcome.kind === 'failed')
        log.error('a run can not be mended', { root, stream, error: String(outcome.error) });
      else if (outcome.kind === 'unreadable')
        log.error('a run can not be read and is left alone', { root, stream, startMs: run.startMs });
    }
    return mended;
  }

  async #readAgain(stream: StreamName, run: RunName): Promise<void> {
    const read = await readRun(this.disk, stream, run);
    if (read !== undefined) this.catalogue.put(stream, read);
  }
}

function stateOf(opened: Awaited<ReturnType<typeof openRoot>>): RootState {
  switch (opened.kind) {
    case 'open':
      return { kind: 'open' };
    case 'missing-marker':
      return { kind: 'away', why: 'its marker is gone: its disk is not mounted, or was replaced' };
    case 'other-archive':
      return { kind: 'other', why: `another archive lies there (${opened.name}, expected ${opened.expected})` };
    case 'not-writable':
      return { kind: 'away', why: `it can not be written (${opened.code})` };
  }
}
