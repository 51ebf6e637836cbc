import type { IncomingMessage } from 'node:http';
import { ChunkedBody } from '../../media/http/chunked-body.ts';
import type { HttpConnection } from './http-connection.ts';

/** Its body has not been read yet. */
export interface HttpAnswer {
  readonly response: IncomingMessage;
  /** Absent with TLS. */
  readonly connection: HttpConnection | undefined;
}

/**
 * Reads an answer's body: `take` gets bytes that are valid until it returns. To be called in the turn in which the answer came. `fail` gets what
 * `take` throws, or a `ChunkSyntaxError`; how the body ends is told by the response's `error` and `close`.
 */
export function readBody(
  { response, connection }: HttpAnswer,
  take: (bytes: Uint8Array) => void,
  fail: (error: unknown) => void,
): void {
  const guarded = (push: (bytes: Uint8Array) => void) => (bytes: Uint8Array) => {
    try {
      push(bytes);
    } catch (error) {
      fail(error);
    }
  };
  const encoding = response.headers['transfer-encoding'];
  const isEndless = response.headers['content-length'] === undefined;
  if (connection === undefined || !isEndless || (encoding !== undefined && encoding !== 'chunked')) {
    connection?.leaveBody();
    const takeGuarded = guarded(take);
    response.on('data', (chunk: Buffer) => takeGuarded(asPlain(chunk)));
    return;
  }
  connection.takeBody(guarded(encoding === undefined ? take : chunkReader(take, () => response.destroy())));
  // What the parser has made of the beginning is not needed.
  response.resume();
}

function chunkReader(take: (bytes: Uint8Array) => void, ended: () => void): (bytes: Uint8Array) => void {
  const chunks = new ChunkedBody(take);
  return (bytes) => {
    chunks.push(bytes);
    if (chunks.ended) ended();
  };
}

/** Not as a Buffer, whose `slice` makes no copy, which pure code relies on. */
export function asPlain(bytes: Buffer): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
