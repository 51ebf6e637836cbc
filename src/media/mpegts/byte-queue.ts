/** Memory up to this stays with the queue; what one unusual picture needed is given back. */
const keptBytes = 1024 * 1024;

/** Bytes that grow at the end and are taken from the front, in one piece and in memory that is used again. */
export class ByteQueue {
  readonly #initialBytes: number;
  #bytes: Uint8Array;
  #length = 0;
  #start = 0;

  constructor(initialBytes: number) {
    this.#initialBytes = initialBytes;
    this.#bytes = new Uint8Array(initialBytes);
  }

  /** The memory behind the queue, valid up to `length` and until the next call that changes it. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get length(): number {
    return this.#length;
  }

  /** Where its first byte stands in all that ever went through. */
  get start(): number {
    return this.#start;
  }

  /** Where the next byte will stand. */
  get end(): number {
    return this.#start + this.#length;
  }

  append(bytes: Uint8Array, from: number, to: number): void {
    const length = this.#length + to - from;
    if (length > this.#bytes.length) this.#resize(Math.max(length, this.#bytes.length * 2));
    this.#bytes.set(bytes.subarray(from, to), this.#length);
    this.#length = length;
  }

  /** Forgets the first `count` bytes; what follows them moves to the front. */
  shift(count: number): void {
    if (count < this.#length) this.#bytes.copyWithin(0, count, this.#length);
    this.#length -= count;
    this.#start += count;
    if (this.#bytes.length > keptBytes && this.#length < this.#initialBytes) this.#resize(this.#initialBytes);
  }

  #resize(size: number): void {
    const resized = new Uint8Array(size);
    resized.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = resized;
  }
}
