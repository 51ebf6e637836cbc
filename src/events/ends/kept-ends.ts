import { type ServerName, type StreamName, serverName, streamName } from '../../units/ids.ts';
import { type Ticks, ticks, timescale90k } from '../../units/ticks.ts';

/** The end of a stream's timeline, 90 kHz UTC, and who published it. */
export interface KeptEnd {
  readonly server: ServerName;
  readonly end: Ticks;
}

/** The port to the file that outlives the process. */
export interface EndsFile {
  /** Empty when there is none. */
  read(): Promise<string>;
  /** All or nothing. */
  write(text: string): Promise<void>;
}

/** As the group's clocks may differ while one is set right; what ends later than that was published while a clock was ahead. */
const mostAhead = 60 * timescale90k;

const version = 1;

/**
 * Where the timeline of each stream ended, as far as this server knows, kept on disk: when all servers were down, nobody else can tell what is
 * missing. Not the journal's matter: it would be one event a stream every few seconds.
 */
export class KeptEnds {
  readonly #file: EndsFile;
  #ends: ReadonlyMap<StreamName, KeptEnd>;
  #written = '';
  /** The write under way, or the last one: two of them would write into one draft. */
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: EndsFile, ends: ReadonlyMap<StreamName, KeptEnd>) {
    this.#file = file;
    this.#ends = ends;
  }

  /** What the life before left. A file that can't be read or is torn costs what it told, never the start. */
  static async open(file: EndsFile, onError: (error: unknown) => void): Promise<KeptEnds> {
    const ends = new Map<StreamName, KeptEnd>();
    try {
      const text = await file.read();
      if (text !== '') readInto(ends, text);
    } catch (error) {
      onError(error);
    }
    return new KeptEnds(file, ends);
  }

  /** `now` in the group's clock: an end that lies ahead of it is none. */
  get(stream: StreamName, now: Ticks): KeptEnd | undefined {
    return believed(this.#ends.get(stream), now);
  }

  /** Takes in what is known now, and writes it. Streams of which `isConfigured` is false are forgotten. Rejects when the disk does not take it. */
  keep(now: ReadonlyMap<StreamName, KeptEnd>, isConfigured: (stream: StreamName) => boolean): Promise<void> {
    this.#ends = new Map([...this.#ends, ...now].filter(([stream]) => isConfigured(stream)));
    const write = (): Promise<void> => this.#write();
    this.#writing = this.#writing.then(write, write);
    return this.#writing;
  }

  async #write(): Promise<void> {
    const text = JSON.stringify({ version, ends: Object.fromEntries(this.#ends) });
    if (text === this.#written) return;
    await this.#file.write(text);
    this.#written = text;
  }
}

/** Of two ends of a stream the one that counts. */
export function later(a: KeptEnd, b: KeptEnd | undefined): KeptEnd {
  return b !== undefined && b.end > a.end ? b : a;
}

/** What ends in time, `now` in the group's clock. */
export function believed<T extends { readonly end: Ticks }>(what: T | undefined, now: Ticks): T | undefined {
  return what === undefined || what.end - now > mostAhead ? undefined : what;
}

/** An end as it travels, and as it is on disk; undefined when it is none. */
export function parseKeptEnd(value: unknown): KeptEnd | undefined {
  const { server, end } = (value ?? {}) as { readonly server?: unknown; readonly end?: unknown };
  if (typeof server !== 'string' || !Number.isSafeInteger(end)) return undefined;
  return { server: serverName(server), end: ticks(Number(end)) };
}

/** Throws when the text is not all ends, behind having taken what is. */
function readInto(found: Map<StreamName, KeptEnd>, text: string): void {
  const content = JSON.parse(text) as { readonly version?: unknown; readonly ends?: unknown } | null;
  if (content?.version !== version) throw new Error(`it is not of version ${version}`);
  if (typeof content.ends !== 'object' || content.ends === null) throw new Error('it has no ends');
  let torn = 0;
  for (const [stream, value] of Object.entries(content.ends)) {
    const end = parseKeptEnd(value);
    if (end === undefined) torn++;
    else found.set(streamName(stream), end);
  }
  if (torn > 0) throw new Error(`${torn} of its ends can't be read`);
}
