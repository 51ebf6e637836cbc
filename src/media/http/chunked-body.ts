// RFC 9112 clause 7.1: a body of chunks.

const lineFeed = 10;
const carriageReturn = 13;
const semicolon = 59;
/** More hexadecimal digits make no size that anybody means. */
const mostDigits = 12;
/** Extensions say nothing to this program; a line of them without end is another protocol. */
const longestExtension = 4096;

/** What can't be chunks at all. */
export class ChunkSyntaxError extends Error {}

/**
 * Takes a body's bytes in any portions and hands on what is inside the chunks, in place. `push` throws `ChunkSyntaxError` when they are none.
 */
export class ChunkedBody {
  readonly #take: (bytes: Uint8Array) => void;
  #state: 'size' | 'extension' | 'data' | 'behind' | 'ended' = 'size';
  #size = 0;
  #digits = 0;
  #extension = 0;

  /** `take`: bytes that are valid until it returns. */
  constructor(take: (bytes: Uint8Array) => void) {
    this.#take = take;
  }

  /** The last chunk has come; what follows is no body. */
  get ended(): boolean {
    return this.#state === 'ended';
  }

  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length && !this.ended; ) {
      if (this.#state === 'data') at = this.#data(bytes, at);
      else this.#line(bytes[at++] ?? 0);
    }
  }

  #data(bytes: Uint8Array, from: number): number {
    const to = Math.min(bytes.length, from + this.#size);
    this.#size -= to - from;
    if (this.#size === 0) this.#state = 'behind';
    this.#take(bytes.subarray(from, to));
    return to;
  }

  /** A byte of what stands between the data of two chunks. */
  #line(byte: number): void {
    if (byte === carriageReturn) return;
    if (byte === lineFeed) this.#endLine();
    else if (this.#state === 'behind') throw new ChunkSyntaxError('a chunk that is longer than its size');
    else if (this.#state === 'size' && !isEndOfSize(byte)) this.#digit(byte);
    else if (++this.#extension > longestExtension) throw new ChunkSyntaxError('a chunk with an extension without end');
    else this.#state = 'extension';
  }

  #digit(byte: number): void {
    const digit = Number.parseInt(String.fromCharCode(byte), 16);
    if (Number.isNaN(digit) || ++this.#digits > mostDigits) throw new ChunkSyntaxError('a chunk without a size');
    this.#size = this.#size * 16 + digit;
  }

  #endLine(): void {
    if (this.#state === 'behind') {
      this.#state = 'size';
      return;
    }
    if (this.#digits === 0) throw new ChunkSyntaxError('a chunk without a size');
    this.#state = this.#size === 0 ? 'ended' : 'data';
    this.#digits = 0;
    this.#extension = 0;
  }
}

/** An extension follows, or the blanks that some servers put there. */
function isEndOfSize(byte: number): boolean {
  return byte === semicolon || byte === 32 || byte === 9;
}
