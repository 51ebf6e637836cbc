import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { asPlain } from './http-body.ts';

/**
 * What plain connections of this thread read into, one after the other. Node would take 64 KB of new memory for each read, whatever it brings;
 * with a hundred sources their collection costs more than demuxing them.
 */
const readBuffer = Buffer.allocUnsafeSlow(256 * 1024);

/**
 * A plain connection for one request of Node's client. Its parser makes a copy of all that is in a body, whose collection would cost as much as the
 * rest of a capture: a body that goes on for days is read past it.
 */
export class HttpConnection {
  readonly socket: Socket;
  /** What the parser has been given so far, while the body may still be taken. */
  #given: Buffer[] | undefined = [];
  #take: ((bytes: Uint8Array) => void) | undefined;

  constructor(options: NetConnectOpts) {
    this.socket = connect({
      ...options,
      onread: {
        buffer: readBuffer,
        callback: (length): boolean => {
          this.#read(readBuffer.subarray(0, length));
          return true;
        },
      },
    });
  }

  /**
   * From now on `take` gets what is behind the head of the answer, as it is on the wire; bytes that are valid until it returns. To be called
   * in the turn in which the answer came.
   */
  takeBody(take: (bytes: Uint8Array) => void): void {
    const given = Buffer.concat(this.#given ?? []);
    this.#given = undefined;
    this.#take = take;
    const body = given.subarray(bodyStart(given));
    if (body.length > 0) take(asPlain(body));
  }

  /** The parser goes on to get everything. */
  leaveBody(): void {
    this.#given = undefined;
  }

  #read(bytes: Buffer): void {
    if (this.#take !== undefined) {
      this.#take(asPlain(bytes));
      return;
    }
    this.#given?.push(Buffer.from(bytes));
    this.socket.emit('data', bytes);
  }
}

const headEnd = '\r\n\r\n';

/** Behind the head of the answer; interim ones (1xx) may stand in front of it. */
function bodyStart(bytes: Buffer): number {
  let at = 0;
  for (;;) {
    const end = bytes.indexOf(headEnd, at);
    if (end < 0) return bytes.length;
    const isInterim = /^HTTP\/\d\.\d 1/.test(bytes.toString('latin1', at, at + 10));
    at = end + headEnd.length;
    if (!isInterim) return at;
  }
}
