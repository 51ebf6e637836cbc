/**
 * Seeded random numbers (sfc32). Every part of a world forks its own source by name, so that a draw more in one part
 * doesn't change all others, and a kept seed stays a meaningful test for longer.
 */
export class Random {
  readonly #path: string;
  #a: number;
  #b: number;
  #c: number;
  #d = 1;

  constructor(path: string) {
    this.#path = path;
    [this.#a, this.#b, this.#c] = [hash(`a${path}`), hash(`b${path}`), hash(`c${path}`)];
    for (let i = 0; i < 12; i++) this.next();
  }

  fork(name: string): Random {
    return new Random(`${this.#path}/${name}`);
  }

  /** In [0, 1). */
  next(): number {
    const t = (((this.#a + this.#b) | 0) + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + t) | 0;
    return (t >>> 0) / 0x1_0000_0000;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** In [low, high). */
  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  /** As likely between 1 and 10 as between 10 and 100: for spans and rates, whose order of magnitude matters. */
  logBetween(low: number, high: number): number {
    return low * (high / low) ** this.next();
  }

  /** Whole, both ends included. */
  whole(low: number, high: number): number {
    return Math.floor(this.between(low, high + 1));
  }

  /** With this mean; events that come at any time alike are this far apart. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }

  pick<T>(list: readonly T[]): T {
    const item = list[this.whole(0, list.length - 1)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }

  shuffled<T>(list: readonly T[]): T[] {
    return list
      .map((item) => ({ item, key: this.next() }))
      .sort((x, y) => x.key - y.key)
      .map((x) => x.item);
  }

  /** Each with this probability, at least one. */
  some<T>(list: readonly T[], probability: number): T[] {
    const picked = list.filter(() => this.chance(probability));
    return picked.length > 0 ? picked : [this.pick(list)];
  }
}

/** FNV-1a with a final mix, 32 bits. */
export function hash(text: string, start = 0x811c9dc5): number {
  let h = start;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  return (h ^ (h >>> 13)) >>> 0;
}
