import { type ServerName, type StreamName, serverName, streamName } from '../../units/ids.ts';
import { type Ticks, ticks } from '../../units/ticks.ts';

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

/**
 * Where the timeline of each stream ended, as far as this server knows, kept on disk: when all servers were down, nobody else can tell what is
 * missing. Not the journal's matter: it would be one event a stream every few seconds.
 */
export class KeptEnds {
  readonly #file: EndsFile;
  #ends: ReadonlyMap<StreamName, KeptEnd>;
  #written = '';

  private constructor(file: EndsFile, ends: ReadonlyMap<StreamName, KeptEnd>) {
    this.#file = file;
    this.#ends = ends;
  }

  /** What the life before left. A file that can't be read or is torn costs what it told, never the start. */
  static async open(file: EndsFile, onError: (error: unknown) => void): Promise<KeptEnds> {
    const text = await file.read().catch((error: unknown) => {
      onError(error);
      return '';
    });
    return new KeptEnds(file, parse(text));
  }

  get(stream: StreamName): KeptEnd | undefined {
    return this.#ends.get(stream);
  }

  /** Takes in what is known now, and writes it. Streams of which `isConfigured` is false are forgotten. Rejects when the disk does not take it. */
  async keep(now: ReadonlyMap<StreamName, KeptEnd>, isConfigured: (stream: StreamName) => boolean): Promise<void> {
    const ends = new Map([...this.#ends].filter(([stream]) => isConfigured(stream)));
    for (const [stream, end] of now) ends.set(stream, later(end, ends.get(stream)));
    this.#ends = ends;
    const text = JSON.stringify({ version: 1, ends: Object.fromEntries(ends) });
    if (text === this.#written) return;
    await this.#file.write(text);
    this.#written = text;
  }
}

/** Of two ends of a stream the one that counts. */
export function later(a: KeptEnd, b: KeptEnd | undefined): KeptEnd {
  return b !== undefined && b.end > a.end ? b : a;
}

/** An end as it travels, and as it is on disk; undefined when it is none. */
export function parseKeptEnd(value: unknown): KeptEnd | undefined {
  const { server, end } = (value ?? {}) as { readonly server?: unknown; readonly end?: unknown };
  if (typeof server !== 'string' || !Number.isSafeInteger(end)) return undefined;
  return { server: serverName(server), end: ticks(Number(end)) };
}

function parse(text: string): Map<StreamName, KeptEnd> {
  const found = new Map<StreamName, KeptEnd>();
  for (const [stream, value] of Object.entries(endsIn(text))) {
    const end = parseKeptEnd(value);
    if (end !== undefined) found.set(streamName(stream), end);
  }
  return found;
}

function endsIn(text: string): object {
  try {
    const { ends } = JSON.parse(text) as { readonly ends?: unknown };
    return typeof ends === 'object' && ends !== null ? ends : {};
  } catch {
    return {};
  }
}
