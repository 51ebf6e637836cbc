// RFC 2326 clauses 4 to 7 and 10.12: messages and interleaved frames in one byte stream.
import { beginsHead, contentLength, findHeadEnd, parseHead } from './head.ts';
import { interleavedHeaderBytes, interleavedMagic, noBody, type RtspMessage } from './message.ts';

/** Far more than any device sends. */
const largestHead = 16 * 1024;
/** An SDP of many tracks has a few KB. */
const largestBody = 256 * 1024;
/** Some cameras put stray bytes between frames; with more of them in a row than this it is another protocol. */
const mostStrayBytes = 16 * 1024;

/** What a cut-off head is given at a time. */
const headPortion = 512;

const lineFeed = 10;

export interface RtspReceiver {
  message(message: RtspMessage): void;
  /** An interleaved frame: `bytes[from, to)`, valid during the call only. */
  data(channel: number, bytes: Uint8Array, from: number, to: number): void;
  /** A byte that belongs to nothing has been passed over. */
  stray(): void;
}

/** What can't be RTSP at all. */
export class RtspSyntaxError extends Error {}

/**
 * Takes a connection's bytes in any portions. Frames inside one portion are handed on in place; only what a portion cuts off is copied.
 * `push` throws `RtspSyntaxError` when the peer can't be understood any more.
 */
export class RtspParser {
  readonly #receiver: RtspReceiver;
  /** An element that the portions so far have cut off. */
  #rest = new Uint8Array(2048);
  #restLength = 0;
  #stray = 0;

  constructor(receiver: RtspReceiver) {
    this.#receiver = receiver;
  }

  push(bytes: Uint8Array): void {
    let from = 0;
    while (this.#restLength > 0 && from < bytes.length) from = this.#completeRest(bytes, from);
    const used = this.#consume(bytes, from, bytes.length);
    if (used < bytes.length) this.#keep(bytes, used, bytes.length);
  }

  /** Adds only what the cut-off element still needs, so that all behind it can be read in place. */
  #completeRest(bytes: Uint8Array, from: number): number {
    const to = Math.min(bytes.length, from + Math.max(1, this.#missing()));
    this.#keep(bytes, from, to);
    const used = this.#consume(this.#rest, 0, this.#restLength);
    this.#rest.copyWithin(0, used, this.#restLength);
    this.#restLength -= used;
    return to;
  }

  /** How many more bytes surely belong to the cut-off element. Where a head ends can't be known: it is searched portion by portion. */
  #missing(): number {
    const have = this.#restLength;
    if (this.#rest[0] === interleavedMagic) {
      if (have < interleavedHeaderBytes) return 1;
      return interleavedHeaderBytes + word(this.#rest, 2) - have;
    }
    const headEnd = findHeadEnd(this.#rest, 0, have);
    if (headEnd >= 0) return headEnd + this.#bodyLength(this.#rest, 0, headEnd) - have;
    return headPortion;
  }

  /** Hands on all whole elements; returns where the first incomplete one begins. */
  #consume(bytes: Uint8Array, from: number, to: number): number {
    let at = from;
    while (at < to) {
      const next = bytes[at] === interleavedMagic ? this.#frame(bytes, at, to) : this.#message(bytes, at, to);
      if (next === at) break;
      at = next;
    }
    return at;
  }

  #frame(bytes: Uint8Array, at: number, to: number): number {
    if (to - at < interleavedHeaderBytes) return at;
    const start = at + interleavedHeaderBytes;
    const end = start + word(bytes, at + 2);
    if (end > to) return at;
    this.#stray = 0;
    this.#receiver.data(bytes[at + 1] ?? 0, bytes, start, end);
    return end;
  }

  #message(bytes: Uint8Array, at: number, to: number): number {
    const begins = beginsHead(bytes, at, to);
    if (begins === 'no') return this.#skip(bytes, at);
    if (begins === 'more') return at;
    const headEnd = findHeadEnd(bytes, at, to);
    if (headEnd < 0 && to - at < largestHead) return at;
    if (headEnd < 0 || headEnd - at > largestHead) throw new RtspSyntaxError('a head without end');
    const bodyEnd = headEnd + this.#bodyLength(bytes, at, headEnd);
    if (bodyEnd > to) return at;
    const head = parseHead(bytes, at, headEnd);
    if (head === undefined) return this.#skip(bytes, at);
    this.#stray = 0;
    this.#receiver.message({ ...head, body: copied(bytes, headEnd, bodyEnd) });
    return bodyEnd;
  }

  #bodyLength(bytes: Uint8Array, from: number, headEnd: number): number {
    const head = parseHead(bytes, from, headEnd);
    const length = head === undefined ? 0 : contentLength(head.headers);
    if (length > largestBody) throw new RtspSyntaxError(`a body of ${length} bytes`);
    return length;
  }

  #skip(bytes: Uint8Array, at: number): number {
    // Empty lines between messages are allowed (RFC 2616 clause 4.1).
    const byte = bytes[at];
    if (byte !== 13 && byte !== lineFeed) this.#receiver.stray();
    if (++this.#stray > mostStrayBytes) throw new RtspSyntaxError('the peer does not speak RTSP');
    return at + 1;
  }

  #keep(bytes: Uint8Array, from: number, to: number): void {
    const length = this.#restLength + to - from;
    if (length > this.#rest.length) {
      const larger = new Uint8Array(Math.max(length, this.#rest.length * 2));
      larger.set(this.#rest.subarray(0, this.#restLength));
      this.#rest = larger;
    }
    this.#rest.set(bytes.subarray(from, to), this.#restLength);
    this.#restLength = length;
  }
}

/** Not `slice`: of a Node Buffer that is a view. */
function copied(bytes: Uint8Array, from: number, to: number): Uint8Array {
  return from === to ? noBody : new Uint8Array(bytes.subarray(from, to));
}

function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
