import { after, type Instant, millis } from '../../units/time.ts';
import type { MpegtsChunk } from '../ports/ports.ts';

/** The way to one viewer; implemented over a socket. */
export interface MpegtsSink {
  /** Given to `write` and not yet taken by the network. */
  readonly queuedBytes: number;
  write(data: Uint8Array): void;
  /** Something was left out, because the queue was full. */
  skipped(): void;
  /** The viewer is too slow, or there is nothing more. */
  close(why: 'slow' | 'ended'): void;
}

/** Eight seconds at 8 Mbit/s, and more than a viewer is given at its start. Chunks are shared: what several slow viewers lack is held once. */
const mostQueuedBytes = 8 * 1024 * 1024;
/** Where a viewer that skipped goes on: half, so that it doesn't skip again at once. */
const resumeBytes = mostQueuedBytes / 2;
/** Who takes nothing for so long isn't slow but gone. */
const skippingAtMost = millis(10_000);
/** Who skips so often hasn't the bandwidth for this stream. */
const mostSkips = 3;

/**
 * The rule for slow viewers: one whose queue is full is sent nothing until half of it has left, and goes on at the next keyframe.
 * At the fourth time, or when that takes over ten seconds, it is closed.
 */
export class MpegtsViewer {
  readonly #sink: MpegtsSink;
  #skippingSince: Instant | undefined;
  #skips = 0;
  #closed = false;

  constructor(sink: MpegtsSink, beginning: readonly MpegtsChunk[]) {
    this.#sink = sink;
    for (const { data } of beginning) sink.write(data);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Sends the chunk, or leaves it out by the rule. */
  offer(chunk: MpegtsChunk, now: Instant): void {
    if (this.#closed) return;
    if (this.#skippingSince !== undefined) this.#resume(chunk, now, this.#skippingSince);
    else if (this.#sink.queuedBytes + chunk.data.length <= mostQueuedBytes) this.#sink.write(chunk.data);
    else this.#skip(now);
  }

  #skip(now: Instant): void {
    this.#skips += 1;
    if (this.#skips > mostSkips) {
      this.close('slow');
      return;
    }
    this.#skippingSince = now;
    this.#sink.skipped();
  }

  #resume(chunk: MpegtsChunk, now: Instant, since: Instant): void {
    if (chunk.keyframe && this.#sink.queuedBytes <= resumeBytes) {
      this.#skippingSince = undefined;
      this.#sink.write(chunk.data);
    } else if (now >= after(since, skippingAtMost)) {
      this.close('slow');
    }
  }

  /** Ends the viewer's connection. */
  close(why: 'slow' | 'ended'): void {
    if (!this.#closed) this.#sink.close(why);
    this.#closed = true;
  }
}
