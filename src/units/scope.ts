/** What one owner has started: closed in reverse order, and nothing of it left floating. */
export class Scope {
  readonly #cleanups: (() => void | Promise<void>)[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #abort = new AbortController();
  #closing: Promise<void> | undefined;

  /** Aborted as the first thing of `close`; everything that is spawned should watch it. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Runs `cleanup` on close, the last deferred first; at once when already closed. */
  defer(cleanup: () => void | Promise<void>): void {
    if (this.#closing === undefined) this.#cleanups.push(cleanup);
    else this.spawn(async () => cleanup(), rethrowLater);
  }

  /** Ties a task to the scope: `close` waits for it, and what it throws before the close goes to `onError`. */
  spawn(task: (signal: AbortSignal) => Promise<void>, onError: (error: unknown) => void): void {
    const running = task(this.#abort.signal)
      .catch((error: unknown) => {
        if (!this.#abort.signal.aborted) onError(error);
      })
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Idempotent; resolves when all that was started has ended. */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    this.#abort.abort();
    const failures: unknown[] = [];
    // A cleanup that fails must not keep the others from being done.
    for (const cleanup of this.#cleanups.splice(0).reverse()) {
      try {
        await cleanup();
      } catch (error) {
        failures.push(error);
      }
    }
    await Promise.all(this.#running);
    if (failures.length > 0) throw failures[0];
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function rethrowLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
