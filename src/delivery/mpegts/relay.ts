import type { Clock } from '../../units/clock.ts';
import type { ServerName, StreamName } from '../../units/ids.ts';
import { type Millis, millis } from '../../units/time.ts';
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
    const { stream, owner, mpegts } = this.#options;
    const pieces = await mpegts.openRemote({ stream, owner, hops: maxHops + 1, signal });
    const splitter = new ChunkSplitter();
    let read = 0;
    this.#options.opened();
    try {
      for await (const piece of pieces) {
        if (signal.aborted) break;
        read += piece.length;
        for (const chunk of splitter.push(piece)) this.#options.chunk(chunk);
      }
    } catch {
      // How it ended makes no difference: the bytes that came are good, and it is tried again.
    }
    return read;
  }
}
