import { systemClock } from '../../src/adapters/clock.ts';
import { millis } from '../../src/units/time.ts';
import type { ServerProcess } from './server-process.ts';

/** A segment lasts twenty times as long. */
const readEvery = millis(100);

const lookEvery = millis(10);

/** One list as a server showed it first. */
interface Reading {
  readonly server: string;
  readonly at: number;
  readonly first: number;
  readonly last: number;
  readonly text: string;
}

/** Reads the media playlists of streams at several servers all the time, and judges what no player may ever see. */
export class PlaylistWatch implements AsyncDisposable {
  readonly #stop = new AbortController();
  readonly #readings = new Map<string, Reading[]>();
  readonly #faults: string[] = [];
  readonly #reading: Promise<unknown>;

  /** `server` is asked anew for each reading: processes come and go. */
  constructor(names: readonly string[], server: (name: string) => ServerProcess, streams: readonly string[]) {
    for (const stream of streams) this.#readings.set(stream, []);
    this.#reading = Promise.all(
      streams.flatMap((stream) => names.map((name) => this.#follow(stream, () => server(name)))),
    );
  }

  /** What was wrong: lists that went back, differing texts of one list, refusals. */
  get faults(): readonly string[] {
    return this.#faults;
  }

  /** The longest that a server still showed the list before when another one showed the next, in milliseconds. */
  lag(stream: string): number {
    const readings = this.#of(stream);
    const firstSeen = new Map<number, number>();
    const previous = new Map<string, number>();
    let lag = 0;
    for (const { server, at, last } of readings) {
      if (!firstSeen.has(last)) firstSeen.set(last, at);
      if (previous.get(server) === last - 1) lag = Math.max(lag, at - (firstSeen.get(last) ?? at));
      previous.set(server, last);
    }
    return lag;
  }

  /** How often the lists of a stream began anew, with nothing of what was listed before. */
  restarts(stream: string): number {
    const last = new Map<string, number>();
    const starts = new Set<number>();
    for (const reading of this.#of(stream)) {
      if (reading.first > (last.get(reading.server) ?? reading.first)) starts.add(reading.first);
      last.set(reading.server, reading.last);
    }
    return starts.size;
  }

  /** Resolves when the newest list of each stream has this many segments. */
  async listed(segments: number): Promise<void> {
    const streams = [...this.#readings.values()];
    const isListed = (readings: readonly Reading[]): boolean => {
      const newest = readings.at(-1);
      return newest !== undefined && newest.last - newest.first + 1 >= segments;
    };
    while (!streams.every(isListed)) await systemClock.sleep(readEvery, this.#stop.signal);
  }

  /** Resolves when a segment of the stream has just become known: most players have yet to ask for it. */
  async next(stream: string): Promise<void> {
    const known = this.#newest(stream);
    while (this.#newest(stream) === known) await systemClock.sleep(lookEvery, this.#stop.signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#reading;
  }

  async #follow(stream: string, server: () => ServerProcess): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#read(stream, server());
      await systemClock.sleep(readEvery, signal).catch(() => undefined);
    }
  }

  async #read(stream: string, server: ServerProcess): Promise<void> {
    const url = `${server.url}/${stream}/video.m3u8`;
    // A server that is being killed doesn't answer: that is no fault of a list.
    const request = new AbortController();
    const stop = (): void => request.abort();
    this.#stop.signal.addEventListener('abort', stop, { once: true });
    const response = await fetch(url, { signal: request.signal }).catch(() => undefined);
    const text = await response?.text().catch(() => undefined);
    this.#stop.signal.removeEventListener('abort', stop);
    if (response === undefined || text === undefined) return;
    if (response.status === 200) this.#take(stream, server.name, text);
    else this.#faults.push(`${server.name} answered ${response.status} for ${stream}: ${text}`);
  }

  #take(stream: string, server: string, text: string): void {
    const readings = this.#of(stream);
    const previous = readings.findLast((reading) => reading.server === server);
    if (previous?.text === text) return;
    const first = Number(/^#EXT-X-MEDIA-SEQUENCE:(\d+)$/m.exec(text)?.[1]);
    const segments = text.match(/^\d+\.m4s$/gm) ?? [];
    const last = first + segments.length - 1;
    if (previous !== undefined && (first < previous.first || last < previous.last)) {
      this.#faults.push(`${stream} at ${server} went back from ${range(previous)} to ${range({ first, last })}`);
    }
    const other = readings.find((reading) => reading.last === last && reading.text !== text);
    if (other !== undefined)
      this.#faults.push(`${stream}: ${server} and ${other.server} differ:\n${text}${other.text}`);
    readings.push({ server, at: Date.now(), first, last, text });
  }

  #newest(stream: string): number {
    return Math.max(...this.#of(stream).map(({ last }) => last));
  }

  #of(stream: string): Reading[] {
    const readings = this.#readings.get(stream);
    if (readings === undefined) throw new Error(`${stream} is not watched`);
    return readings;
  }
}

function range({ first, last }: { readonly first: number; readonly last: number }): string {
  return `${first}-${last}`;
}
