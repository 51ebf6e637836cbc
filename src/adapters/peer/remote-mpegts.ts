import { get } from 'node:http';
import type { LookupFunction } from 'node:net';
import type { RemoteMpegtsRequest } from '../../delivery/ports/ports.ts';
import { AppError } from '../../units/app-error.ts';

/** Until the owner's answer; a relay starts when a viewer's connection must go on, so it can't wait for long. */
const answerWithinMs = 3_000;

/** Opens a peer's endless MPEG-TS. Rejects with an `AppError`; the iteration ends when the owner ends or the signal is aborted. */
export function openRemoteMpegts(
  publicUrl: string,
  request: Omit<RemoteMpegtsRequest, 'owner'>,
  lookup: LookupFunction,
): Promise<AsyncIterable<Uint8Array>> {
  const { stream, hops, signal } = request;
  const path = stream.split('/').map(encodeURIComponent).join('/');
  return new Promise((resolve, reject) => {
    const fail = (why: string, cause?: unknown): void =>
      reject(new AppError('stream-unavailable', `the owner's stream can't be relayed: ${why}`, { cause }));
    const outgoing = get(
      `${publicUrl}/${path}/mpegts?hops=${hops}`,
      { signal, timeout: answerWithinMs, lookup },
      (response) => {
        outgoing.setTimeout(0);
        if (response.statusCode === 200) return resolve(response);
        response.resume();
        fail(`status ${response.statusCode}`);
      },
    );
    outgoing.once('timeout', () => outgoing.destroy(new Error('no answer in time')));
    outgoing.once('error', (error) => fail(error.message, error));
  });
}
