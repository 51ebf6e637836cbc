/** Who wants to know of changes of something that has a key. */
export class Listeners<K, V = void> {
  readonly #byKey = new Map<K, Set<(value: V) => void>>();

  has(key: K): boolean {
    return this.#byKey.has(key);
  }

  /** Calls back on every `tell` of the key until the returned function is called. */
  add(key: K, listener: (value: V) => void): () => void {
    const entry = (value: V): void => listener(value);
    const listeners = this.#byKey.get(key) ?? new Set();
    listeners.add(entry);
    this.#byKey.set(key, listeners);
    return () => {
      listeners.delete(entry);
      if (listeners.size === 0 && this.#byKey.get(key) === listeners) this.#byKey.delete(key);
    };
  }

  tell(key: K, value: V): void {
    // A copy: listeners may leave or join while they are told.
    for (const listener of [...(this.#byKey.get(key) ?? [])]) listener(value);
  }
}
