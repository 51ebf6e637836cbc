import type { MpegtsChunk, Unsubscribe } from '../../delivery/ports/ports.ts';
import type { StreamName } from '../../units/ids.ts';
import { Listeners } from '../../units/listeners.ts';
import type { Capture, MediaPool } from './captures.ts';

/** MPEG-TS is muxed only while somebody watches it: tells the workers when the first viewer of a stream comes and the last goes. */
export class MpegtsHub {
  readonly #viewers = new Listeners<StreamName, MpegtsChunk>();
  readonly #pool: MediaPool;
  readonly #capture: (stream: StreamName) => Capture | undefined;

  constructor(pool: MediaPool, capture: (stream: StreamName) => Capture | undefined) {
    this.#pool = pool;
    this.#capture = capture;
  }

  subscribe(stream: StreamName, chunk: (chunk: MpegtsChunk) => void): Unsubscribe {
    const first = !this.#viewers.has(stream);
    const remove = this.#viewers.add(stream, chunk);
    if (first) this.#want(stream, true);
    let subscribed = true;
    return () => {
      if (!subscribed) return;
      subscribed = false;
      remove();
      if (!this.#viewers.has(stream)) this.#want(stream, false);
    };
  }

  started(capture: Capture): void {
    if (this.#viewers.has(capture.stream)) this.#want(capture.stream, true);
  }

  chunk(stream: StreamName, chunk: MpegtsChunk): void {
    this.#viewers.tell(stream, chunk);
  }

  #want(stream: StreamName, wanted: boolean): void {
    const capture = this.#capture(stream);
    if (capture !== undefined) this.#pool.send({ type: 'mpegts', stream, attempt: capture.attempt, wanted });
  }
}
