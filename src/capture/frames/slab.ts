import type { HeldMemory } from '../../timeline/timed-frame.ts';

/** For audio, and for video. A larger frame gets memory of its own. */
const sizes = [16 * 1024, 128 * 1024] as const;
/** Memory that nobody uses, for bursts: about as much as 50 streams of 4 Mbit/s have in use. */
const mostIdleBytes = 16 * 1024 * 1024;

/** A piece of memory that frames are copied into, one behind the other. Who takes it holds it once. */
export class Slab implements HeldMemory {
  readonly bytes: Uint8Array;
  readonly #idle: (slab: Slab) => void;
  #holds = 1;
  #used = 0;

  constructor(size: number, idle: (slab: Slab) => void) {
    this.bytes = new Uint8Array(size);
    this.#idle = idle;
  }

  get room(): number {
    return this.bytes.length - this.#used;
  }

  /** Where `length` bytes may be put; there must be room. */
  reserve(length: number): number {
    this.#used += length;
    return this.#used - length;
  }

  hold(): void {
    this.#holds += 1;
  }

  release(): void {
    this.#holds -= 1;
    if (this.#holds === 0) this.#idle(this);
  }

  /** For its next user. */
  renew(): this {
    this.#holds = 1;
    this.#used = 0;
    return this;
  }
}

/**
 * The slabs of a worker. Media goes through at the rate of the sources, and new memory for it would keep the garbage collector at work for as
 * long as all else takes. A slab that is never released is lost to the pool, not leaked.
 */
export class SlabPool {
  readonly #idle = new Map<number, Slab[]>(sizes.map((size) => [size, []]));
  #idleBytes = 0;

  /** With room for `least` bytes and for more frames of that size. */
  take(least: number): Slab {
    const size = sizes.find((each) => each >= least * 4) ?? Math.max(sizes[1], least);
    const slab = this.#idle.get(size)?.pop();
    if (slab === undefined) return new Slab(size, (idle) => this.#give(idle));
    this.#idleBytes -= size;
    return slab.renew();
  }

  #give(slab: Slab): void {
    const size = slab.bytes.length;
    if (this.#idleBytes + size > mostIdleBytes) return;
    const idle = this.#idle.get(size);
    if (idle === undefined) return;
    idle.push(slab);
    this.#idleBytes += size;
  }
}
