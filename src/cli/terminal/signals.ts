import type { EventEmitter } from 'node:events';

/**
 * The signals of a process that serves, caught from the moment this is made: a SIGHUP while the server is still being opened is
 * heeded when it runs, and a SIGTERM ends it in good order then.
 */
export class Signals {
  #ends = 0;
  #awaited = 0;
  readonly #waiting: (() => void)[] = [];
  #reloadAsked = false;
  #reload: (() => void) | undefined;

  /** `source`: the process, but for tests. */
  constructor(source: Pick<EventEmitter, 'on'> = process) {
    source.on('SIGHUP', () => this.#hup());
    for (const name of ['SIGTERM', 'SIGINT']) source.on(name, () => this.#end());
  }

  /** What a SIGHUP does from now on, and one that came before. */
  onReload(reload: () => void): void {
    this.#reload = reload;
    if (this.#reloadAsked) reload();
    this.#reloadAsked = false;
  }

  /** Resolves with the first signal to end; the next call with the second, and so on. */
  end(): Promise<void> {
    if (++this.#awaited <= this.#ends) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #hup(): void {
    if (this.#reload === undefined) this.#reloadAsked = true;
    else this.#reload();
  }

  #end(): void {
    this.#ends++;
    this.#waiting.shift()?.();
  }
}
