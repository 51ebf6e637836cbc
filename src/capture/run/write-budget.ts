/** What a disk that stands still may cost a worker; past it whole segments are dropped. About 1 s of 100 streams at 4 Mbit/s. */
const mostUnwrittenBytes = 64 * 1024 * 1024;

/** Bytes handed to the disk and not yet taken by it, over all captures of a worker. */
export class WriteBudget {
  readonly #most: number;
  #used = 0;

  constructor(most: number = mostUnwrittenBytes) {
    this.#most = most;
  }

  get exhausted(): boolean {
    return this.#used >= this.#most;
  }

  take(bytes: number): void {
    this.#used += bytes;
  }

  give(bytes: number): void {
    this.#used -= bytes;
  }
}
