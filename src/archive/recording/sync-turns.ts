/**
 * A sync blocks a thread of the process for as long as the disk takes, and all of a process's files, names and sources share four of these
 * threads: a slow archive must leave some to the others.
 */
const mostAtOnce = 1;

/** Lets the runs of a worker sync one after the other, in the order of asking. */
export class SyncTurns {
  readonly #most: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(most: number = mostAtOnce) {
    this.#most = most;
  }

  /** Resolves and rejects as the job does. */
  async take(job: () => Promise<void>): Promise<void> {
    if (this.#running >= this.#most) await new Promise<void>((go) => this.#waiting.push(go));
    else this.#running += 1;
    try {
      await job();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
