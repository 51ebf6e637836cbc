import type { UnixMicros } from '../../units/time.ts';
import { type Block, blockBytes, DayFile, parseLines } from './day-file.ts';
import { formatEvent, inOrder, type JournalEvent } from './journal-event.ts';
import { Known } from './known.ts';

/** The port to the journal's folder: names are `YYYY-MM-DD.jsonl`. */
export interface JournalFiles {
  list(): Promise<readonly { readonly name: string; readonly bytes: number }[]>;
  /** Bytes `from` to `to` (exclusive), fewer where the file ends. */
  read(name: string, from: number, to: number): Promise<Uint8Array>;
  append(name: string, bytes: Uint8Array): Promise<void>;
  remove(name: string): Promise<void>;
}

const daysKept = 30;

/** A day of a group whose cameras flap all the time has some 100,000 events of 300 bytes; beyond, a day's newest are not written. */
const maxDayBytes = 64 * 1024 * 1024;

/** All days together: four such days, or years of a usual group. A start reads it whole, in about a second; beyond, the oldest day goes. */
const maxBytes = 128 * 1024 * 1024;

/** Kept in memory for the API, the peers and the command: some hours of a bad night, about 10 MB. Older ones are read from disk. */
const maxInMemory = 20_000;

/** One answer to a peer holds so many at most. */
const eventsPerPage = 1000;

const dayMicros = 86_400_000_000;

/** The events that a server knows, its own and its peers', on disk as JSON lines: append-only, a file a day, 30 days. */
export class Journal {
  readonly #files: JournalFiles;
  readonly #onError: (error: unknown) => void;
  readonly #known = new Known();
  readonly #recent: JournalEvent[] = [];
  /** The last of each origin that has left memory: whoever has these needs nothing from disk. */
  readonly #evicted = new Known();
  readonly #days = new Map<string, DayFile>();
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
    const kept = await journal.#keep(fileName(now - daysKept * dayMicros));
    for (const { name, bytes } of kept) await journal.#load(name, bytes);
    return journal;
  }

  /** Adds an event that is new; false for one that is known already. */
  add(event: JournalEvent): boolean {
    if (!this.#known.add(event)) return false;
    this.#remember(event);
    this.#writing = this.#writing.then(() => this.#write(event)).catch(this.#onError);
    for (const wake of this.#waiting) wake();
    return true;
  }

  get known(): Known {
    return this.#known;
  }

  /** Oldest first: the newest `limit` of those at or after `since` and before or at `until`. */
  async list(query: {
    readonly since: UnixMicros | undefined;
    readonly until?: UnixMicros | undefined;
    readonly limit: number;
  }): Promise<JournalEvent[]> {
    const { since = 0, until = Number.POSITIVE_INFINITY, limit } = query;
    const oldest = this.#recent[0];
    const fromMemory = this.#complete || (oldest !== undefined && oldest.at <= since - dayMicros);
    const asked = { since, until, limit };
    return fromMemory ? newestOf(this.#recent, asked) : this.#newestOnDisk(asked);
  }

  /** A page of what `theirs` lacks and `wanted` wants, each origin's in its order. */
  async lacking(theirs: Known, wanted: (event: JournalEvent) => boolean): Promise<JournalEvent[]> {
    if (theirs.covers(this.#known)) return [];
    const page = new Page(theirs, wanted);
    if (!theirs.covers(this.#evicted)) await this.#lackingOnDisk(theirs, page);
    // What a full disk did not take is nowhere else.
    page.take(this.#recent);
    return page.events;
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
    const first = fileName(now - daysKept * dayMicros);
    for (const name of this.#names()) if (name < first) await this.#remove(name);
  }

  #remember(event: JournalEvent): void {
    this.#recent.push(event);
    if (this.#recent.length <= maxInMemory) return;
    this.#complete = false;
    for (const old of this.#recent.splice(0, maxInMemory / 10)) this.#evicted.add(old);
  }

  async #write(event: JournalEvent): Promise<void> {
    const name = fileName(event.at);
    const day = this.#days.get(name) ?? new DayFile(name);
    const line = encoder.encode(`${day.torn ? '\n' : ''}${formatEvent(event)}`);
    if (line.length > blockBytes || day.bytes + line.length > maxDayBytes) return;
    if (!(await this.#makeRoom(name, line.length))) return;
    this.#days.set(name, day);
    try {
      await this.#files.append(name, line);
      day.appended(event, line.length);
    } catch (error) {
      const file = (await this.#list()).find((each) => each.name === name);
      day.broken(file?.bytes ?? day.bytes);
      throw error;
    }
  }

  /** Whether there is room now for so many bytes of that day: the oldest day makes it, but not for a day as old. */
  async #makeRoom(name: string, bytes: number): Promise<boolean> {
    for (const oldest of this.#names()) {
      const all = [...this.#days.values()].reduce((sum, day) => sum + day.bytes, bytes);
      if (all <= maxBytes) return true;
      if (name <= oldest) return false;
      await this.#remove(oldest);
    }
    return true;
  }

  async #load(name: string, bytes: number): Promise<void> {
    const day = new DayFile(name);
    this.#days.set(name, day);
    const read = (from: number, to: number): Promise<Uint8Array> => this.#files.read(name, from, to);
    const take = (event: JournalEvent): void => {
      if (this.#known.add(event)) this.#remember(event);
    };
    await day.load(bytes, read, take).catch((error: unknown) => {
      this.#onError(error);
      day.broken(bytes);
    });
  }

  /** Newest first, and no further than it takes. */
  async #newestOnDisk({ since, until, limit }: Asked): Promise<JournalEvent[]> {
    await this.#writing;
    let found: JournalEvent[] = [];
    for (const name of this.#names().toReversed()) {
      for (const block of this.#days.get(name)?.blocks.toReversed() ?? []) {
        const from = found.length < limit ? since : (found[0]?.at ?? since);
        if (block.newest === undefined || block.newest < from) continue;
        found = newestOf((await this.#read(name, block)).concat(found), { since: from, until, limit });
      }
    }
    return found;
  }

  /** Only the blocks that have something for them, and no more than fill the page. */
  async #lackingOnDisk(theirs: Known, page: Page): Promise<void> {
    await this.#writing;
    for (const name of this.#names()) {
      const day = this.#days.get(name);
      if (day === undefined || theirs.covers(day.known)) continue;
      for (const block of day.blocks) {
        if (page.full) return;
        if (!theirs.covers(block.known)) page.take(await this.#read(name, block));
      }
    }
  }

  async #read(name: string, block: Block): Promise<JournalEvent[]> {
    try {
      return parseLines(await this.#files.read(name, block.from, block.to));
    } catch (error) {
      this.#onError(error);
      return [];
    }
  }

  /** Removes what is too old or too much, and tells what is left. */
  async #keep(first: string): Promise<readonly { readonly name: string; readonly bytes: number }[]> {
    const files = (await this.#list()).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    let all = files.reduce((sum, file) => sum + file.bytes, 0);
    const kept = [];
    for (const file of files) {
      // The newest stays, whatever its size: it may be somebody's only trace.
      if (file.name >= first && (all <= maxBytes || file === files.at(-1))) kept.push(file);
      else {
        await this.#remove(file.name);
        all -= file.bytes;
      }
    }
    return kept;
  }

  async #remove(name: string): Promise<void> {
    this.#days.delete(name);
    await this.#files.remove(name).catch(this.#onError);
  }

  #list(): Promise<readonly { readonly name: string; readonly bytes: number }[]> {
    return this.#files.list().catch((error: unknown) => {
      this.#onError(error);
      return [];
    });
  }

  /** Of the days on disk, oldest first. */
  #names(): readonly string[] {
    return [...this.#days.keys()].toSorted();
  }
}

/** What one peer is sent at a time. */
class Page {
  readonly events: JournalEvent[] = [];
  /** What they know once they have this page. */
  readonly #theirs: Known;
  readonly #wanted: (event: JournalEvent) => boolean;
  readonly #held = new Set<string>();

  constructor(theirs: Known, wanted: (event: JournalEvent) => boolean) {
    this.#theirs = theirs.copy();
    this.#wanted = wanted;
  }

  get full(): boolean {
    return this.events.length >= eventsPerPage;
  }

  take(events: readonly JournalEvent[]): void {
    for (const event of events) {
      if (this.full) return;
      if (this.#theirs.has(event) || this.#held.has(event.server)) continue;
      // One that has to wait holds its origin's later ones: with these the peer would count it as known.
      if (!this.#wanted(event)) this.#held.add(event.server);
      else if (this.#theirs.add(event)) this.events.push(event);
    }
  }
}

/** Which events somebody wants to read; microseconds since 1970. */
interface Asked {
  readonly since: number;
  readonly until: number;
  readonly limit: number;
}

const encoder = new TextEncoder();

function newestOf(events: readonly JournalEvent[], { since, until, limit }: Asked): JournalEvent[] {
  const wanted = events.filter((event) => event.at >= since && event.at <= until);
  return wanted.toSorted(inOrder).slice(-limit);
}

function fileName(at: number): string {
  return `${new Date(Math.floor(at / 1000)).toISOString().slice(0, 10)}.jsonl`;
}
