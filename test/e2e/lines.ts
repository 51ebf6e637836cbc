import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { hangs } from '../support/hangs.ts';

/** A process's lines as they come: what was said is kept, what is awaited resolves at once when it was said already. */
export class Lines {
  readonly all: string[] = [];
  readonly #waiting = new Set<() => void>();
  #ended = false;

  constructor(source: Readable) {
    const reader = createInterface({ input: source });
    reader.on('line', (line) => {
      this.all.push(line);
      this.#wake();
    });
    reader.on('close', () => {
      this.#ended = true;
      this.#wake();
    });
  }

  /** The first line from `from` on of which `pick` makes something; rejects when the process ends before or time is up. */
  async next<T>(what: string, pick: (line: string) => T | undefined, options: NextOptions = {}): Promise<T> {
    const { within = hangs, from = 0 } = options;
    const deadline = AbortSignal.timeout(within);
    deadline.addEventListener('abort', () => this.#wake());
    let seen = from;
    for (;;) {
      for (; seen < this.all.length; seen++) {
        const picked = pick(this.all[seen] ?? '');
        if (picked !== undefined) return picked;
      }
      if (this.#ended || deadline.aborted) throw new Error(`waited in vain for ${what}; last:\n${this.#tail()}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  #tail(): string {
    return this.all.slice(-15).join('\n');
  }
}

export interface NextOptions {
  readonly within?: number;
  /** How many lines to pass over: those that were said before something happened. */
  readonly from?: number;
}
