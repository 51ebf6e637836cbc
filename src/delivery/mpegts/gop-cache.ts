import type { MpegtsChunk } from '../ports/ports.ts';

/** Two seconds at 24 Mbit/s. A longer or fatter group of pictures isn't kept: new viewers wait for the next keyframe then. */
const mostBytes = 6 * 1024 * 1024;

/** The chunks since the last keyframe: what a new viewer begins with. */
export class GopCache {
  #chunks: MpegtsChunk[] = [];
  #bytes = 0;
  #open = false;

  push(chunk: MpegtsChunk): void {
    if (chunk.keyframe) {
      this.clear();
      this.#open = true;
    }
    if (!this.#open) return;
    this.#bytes += chunk.data.length;
    if (this.#bytes > mostBytes) this.clear();
    else this.#chunks.push(chunk);
  }

  get isEmpty(): boolean {
    return this.#chunks.length === 0;
  }

  chunks(): readonly MpegtsChunk[] {
    return this.#chunks;
  }

  clear(): void {
    this.#chunks = [];
    this.#bytes = 0;
    this.#open = false;
  }
}
