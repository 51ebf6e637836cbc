import { type Instant, never } from '../../units/time.ts';

interface Entry<K> {
  readonly at: Instant;
  readonly key: K;
  readonly order: number;
}

/** What is due when: one instant a key, in a binary heap whose outdated entries are dropped when they surface. */
export class Agenda<K> {
  readonly #due = new Map<K, Entry<K>>();
  #heap: Entry<K>[] = [];
  #order = 0;

  /** Replaces the key's earlier instant; `never` removes it. */
  set(key: K, at: Instant): void {
    const current = this.#due.get(key);
    if (current?.at === at) return;
    if (at === never) {
      this.#due.delete(key);
      return;
    }
    const entry = { at, key, order: this.#order++ };
    this.#due.set(key, entry);
    this.#push(entry);
    if (this.#heap.length > 2 * this.#due.size + 64) this.#rebuild();
  }

  next(): Instant {
    for (;;) {
      const top = this.#heap[0];
      if (top === undefined) return never;
      if (this.#due.get(top.key) === top) return top.at;
      this.#pop();
    }
  }

  /** Removes and returns all that is due, earliest first, then in the order of setting. */
  take(now: Instant): K[] {
    const keys: K[] = [];
    while (this.next() <= now) {
      const top = this.#pop();
      if (top === undefined) break;
      this.#due.delete(top.key);
      keys.push(top.key);
    }
    return keys;
  }

  #push(entry: Entry<K>): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !before(entry, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): Entry<K> | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (last === undefined || last === top) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      let below = heap[child];
      const right = heap[child + 1];
      if (below !== undefined && right !== undefined && before(right, below)) {
        child++;
        below = right;
      }
      if (below === undefined || !before(below, last)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
    return top;
  }

  #rebuild(): void {
    this.#heap = [];
    for (const entry of this.#due.values()) this.#push(entry);
  }
}

function before<K>(a: Entry<K>, b: Entry<K>): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
