import type { UnixMicros } from '../units/time.ts';
import { formatEvent, type JournalEvent, parseEvent } from './journal-event.ts';
import { Known } from './known.ts';

/** The port to the journal's folder: names are `YYYY-MM-DD.jsonl`. */
export interface JournalFiles {
  list(): Promise<readonly string[]>;
  read(name: string): Promise<string>;
  append(name: string, text: string): Promise<void>;
  remove(name: string): Promise<void>;
}

const daysKept = 30;

/** A day of a group whose cameras flap all the time has some 100,000 events of 300 bytes; beyond, a day's newest are not written. */
const maxDayBytes = 64 * 1024 * 1024;

/** Kept in memory for the API, the peers and the command: some hours of a bad night, about 10 MB. Older ones are read from disk. */
const maxInMemory = 20_000;

/** One answer to a peer or a reader holds so many at most. */
const eventsPerPage = 1000;

const dayMicros = 86_400_000_000;

/** The events that a server knows, its own and its peers', on disk as JSON lines: append-only, a file a day, 30 days. */
export class Journal {
  readonly #files: JournalFiles;
  readonly #onError: (error: unknown) => void;
  readonly #known = new Known();
  readonly #recent: JournalEvent[] = [];
  readonly #dayBytes = new Map<string, number>();
  readonly #waiting = new Set<() => void>();
  #complete = true;
  #writing: Promise<void> = Promise.resolve();

  private constructor(files: JournalFiles, onError: (error: unknown) => void) {
    this.#files = files;
    this.#onError = onError;
  }

  /** Reads what is there. A file that can't be read costs its events, never the start. */
  static async open(files: JournalFiles, now: UnixMicros, onError: (error: unknown) => void): Promise<Journal> {
    const journal = new Journal(files, onError);
    for (const name of await journal.#namesSince(undefined)) {
      if (name < fileName(now - daysKept * dayMicros)) await files.remove(name).catch(onError);
      else await journal.#load(name);
    }
    return journal;
  }

  /** Adds an event that is new; false for one that is known already. */
  add(event: JournalEvent): boolean {
    if (!this.#known.add(event)) return false;
    this.#remember(event);
    this.#write(event);
    for (const wake of this.#waiting) wake();
    return true;
  }

  get known(): Known {
    return this.#known;
  }

  /** Oldest first: the newest `limit` of those at or after `since`. */
  async list(query: { readonly since: UnixMicros | undefined; readonly limit: number }): Promise<JournalEvent[]> {
    const since = query.since ?? 0;
    const oldest = this.#recent[0];
    const fromMemory = this.#complete || (oldest !== undefined && oldest.at <= since - dayMicros);
    const candidates = fromMemory ? this.#recent : await this.#readSince(since);
    const wanted = candidates.filter((event) => event.at >= since);
    return wanted.toSorted((a, b) => a.at - b.at).slice(-query.limit);
  }

  /** A page of what `theirs` lacks and `wanted` wants, in the order in which this server learned it. */
  async lacking(theirs: Known, wanted: (event: JournalEvent) => boolean): Promise<JournalEvent[]> {
    if (theirs.covers(this.#known)) return [];
    const all = this.#complete || this.#recentCovers(theirs) ? this.#recent : await this.#readSince(0);
    return all.filter((event) => !theirs.has(event) && wanted(event)).slice(0, eventsPerPage);
  }

  /** Resolves when an event is added, or on abort. */
  changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#waiting.add(done);
      signal.addEventListener('abort', done);
      if (signal.aborted) done();
    });
  }

  /** Resolves when all that was added is on disk. */
  flushed(): Promise<void> {
    return this.#writing;
  }

  /** Removes files past their time; called about once an hour. */
  async expire(now: UnixMicros): Promise<void> {
    for (const name of await this.#namesSince(undefined))
      if (name < fileName(now - daysKept * dayMicros)) await this.#files.remove(name).catch(this.#onError);
  }

  /** Whether memory reaches back to the first event that they lack: then some event there is one that they have, or it is whole. */
  #recentCovers(theirs: Known): boolean {
    return this.#recent[0] !== undefined && theirs.has(this.#recent[0]);
  }

  #remember(event: JournalEvent): void {
    this.#recent.push(event);
    if (this.#recent.length <= maxInMemory) return;
    this.#complete = false;
    this.#recent.splice(0, maxInMemory / 10);
  }

  #write(event: JournalEvent): void {
    const name = fileName(event.at);
    const line = formatEvent(event);
    const bytes = (this.#dayBytes.get(name) ?? 0) + line.length;
    if (bytes > maxDayBytes) return;
    this.#dayBytes.set(name, bytes);
    this.#writing = this.#writing.then(() => this.#files.append(name, line)).catch(this.#onError);
  }

  async #load(name: string): Promise<void> {
    const text = await this.#files.read(name).catch((error: unknown) => {
      this.#onError(error);
      return '';
    });
    this.#dayBytes.set(name, text.length);
    for (const event of parseLines(text)) if (this.#known.add(event)) this.#remember(event);
    // A torn last line would swallow the next event.
    if (text !== '' && !text.endsWith('\n')) await this.#files.append(name, '\n').catch(this.#onError);
  }

  async #readSince(since: number): Promise<JournalEvent[]> {
    await this.#writing;
    const events: JournalEvent[] = [];
    for (const name of await this.#namesSince(fileName(since)))
      events.push(...parseLines(await this.#files.read(name).catch(() => '')));
    return events;
  }

  async #namesSince(first: string | undefined): Promise<readonly string[]> {
    const names = await this.#files.list().catch((error: unknown) => {
      this.#onError(error);
      return [];
    });
    return names.filter((name) => first === undefined || name >= first).toSorted();
  }
}

function parseLines(text: string): JournalEvent[] {
  return text.split('\n').flatMap((line) => {
    if (line === '') return [];
    try {
      return parseEvent(JSON.parse(line)) ?? [];
    } catch {
      return [];
    }
  });
}

function fileName(at: number): string {
  return `${new Date(Math.floor(at / 1000)).toISOString().slice(0, 10)}.jsonl`;
}
