import type { Clock } from '../../units/clock.ts';
import type { ServerName, StreamName } from '../../units/ids.ts';
import { after, type Instant, type Millis, millis } from '../../units/time.ts';
import type { MpegtsChunk, MpegtsPort } from '../ports/ports.ts';
import { maxHops } from '../route/hops.ts';
import { ChunkSplitter } from './chunk-splitter.ts';

/** The new owner may need a moment more than the announcement of its ownership. */
const firstRetry = millis(200);
const longestRetry = millis(2000);

export interface RelayOptions {
  readonly stream: StreamName;
  readonly owner: ServerName;
  readonly mpegts: MpegtsPort;
  readonly clock: Clock;
  /** An owner that sends nothing for so long may have gone without closing the connection: it is asked anew. */
  readonly longestSilence: Millis;
  /** A connection is there: what follows begins at a keyframe, perhaps one that was sent already. */
  readonly opened: () => void;
  readonly chunk: (chunk: MpegtsChunk) => void;
}

/** Reads a stream's MPEG-TS from its owner, again and again when the connection breaks, until closed. */
export class Relay {
  readonly #options: RelayOptions;
  readonly #abort = new AbortController();

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  start(): void {
    void this.#run(this.#abort.signal);
  }

  close(): void {
    this.#abort.abort();
  }

  async #run(signal: AbortSignal): Promise<void> {
    let retry: Millis = firstRetry;
    while (!signal.aborted) {
      const read = await this.#readOnce(signal).catch(() => 0);
      retry = read > 0 ? firstRetry : millis(Math.min(retry * 2, longestRetry));
      await this.#options.clock.sleep(retry, signal).catch(() => undefined);
    }
  }

  /** Resolves with the bytes that came when the connection ends. */
  async #readOnce(signal: AbortSignal): Promise<number> {
    const { stream, owner, mpegts, clock, longestSilence } = this.#options;
    const silent = new AbortController();
    const connected = AbortSignal.any([signal, silent.signal]);
    const pieces = await mpegts.openRemote({ stream, owner, hops: maxHops + 1, signal: connected });
    const splitter = new ChunkSplitter();
    const silence = new Silence(clock, longestSilence, () => silent.abort());
    let read = 0;
    this.#options.opened();
    try {
      for await (const piece of pieces) {
        if (connected.aborted) break;
        silence.broken();
        read += piece.length;
        for (const chunk of splitter.push(piece)) this.#options.chunk(chunk);
      }
    } catch {
      // How it ended makes no difference: the bytes that came are good, and it is tried again.
    } finally {
      silence.close();
    }
    return read;
  }
}

/** Calls back when nothing broke the silence for `span`. Moves no timer for that: there may be hundreds of pieces a second. */
class Silence {
  readonly #clock: Clock;
  readonly #span: Millis;
  readonly #tooLong: () => void;
  #since: Instant;
  #cancel: () => void;

  constructor(clock: Clock, span: Millis, tooLong: () => void) {
    this.#clock = clock;
    this.#span = span;
    this.#tooLong = tooLong;
    this.#since = clock.monotonic();
    this.#cancel = this.#look();
  }

  broken(): void {
    this.#since = this.#clock.monotonic();
  }

  close(): void {
    this.#cancel();
  }

  #look(): () => void {
    const due = after(this.#since, this.#span);
    return this.#clock.setTimer(due, () => {
      if (this.#clock.monotonic() >= after(this.#since, this.#span)) this.#tooLong();
      else this.#cancel = this.#look();
    });
  }
}
