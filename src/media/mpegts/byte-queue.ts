/** Bytes that grow at the end and are taken from the front, in one piece and in memory that is used again. */
export class ByteQueue {
  #bytes: Uint8Array;
  #length = 0;

  constructor(initialBytes: number) {
    this.#bytes = new Uint8Array(initialBytes);
  }

  /** The memory behind the queue, valid up to `length` and until the next `append`. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get length(): number {
    return this.#length;
  }

  append(bytes: Uint8Array, from: number, to: number): void {
    const length = this.#length + to - from;
    if (length > this.#bytes.length) this.#grow(length);
    this.#bytes.set(bytes.subarray(from, to), this.#length);
    this.#length = length;
  }

  /** Forgets the first `count` bytes; what follows them moves to the front. */
  shift(count: number): void {
    if (count < this.#length) this.#bytes.copyWithin(0, count, this.#length);
    this.#length = Math.max(0, this.#length - count);
  }

  clear(): void {
    this.#length = 0;
  }

  #grow(needed: number): void {
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
