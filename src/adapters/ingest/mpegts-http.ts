import type { IncomingMessage } from 'node:http';
import type { LookupFunction } from 'node:net';
import type { RunInput } from '../../capture/source/input.ts';
import { TsDemuxer } from '../../media/mpegts/demuxer.ts';
import { AppError } from '../../units/app-error.ts';
import type { Clock } from '../../units/clock.ts';
import { maskUrl } from '../../units/mask-url.ts';
import { Deadline } from './deadline.ts';
import { openHttp } from './http-open.ts';
import type { Reading } from './read-pace.ts';
import { sourceError } from './source-error.ts';

/** MPEG-TS over HTTP without end: `http://` and `https://`. */
export function mpegtsHttpInput(clock: Clock, reading: Reading, lookup: LookupFunction): RunInput {
  return async ({ source, sink, timeout, signal }) => {
    if (signal.aborted) return;
    const masked = maskUrl(source.url);
    const deadline = new Deadline(clock, timeout);
    try {
      const body = await openHttp(source.url, {
        signal: AbortSignal.any([signal, deadline.signal]),
        lookup,
        onStep: () => deadline.begin('source-unreachable', `${masked} does not answer in time`),
      });
      deadline.begin('source-stalled', `${masked} answers, but sends nothing`);
      await pump(body, new TsDemuxer(sink), () => {
        deadline.stop();
        reading.read();
      });
    } catch (error) {
      if (!signal.aborted) throw deadline.signal.aborted ? deadline.signal.reason : sourceError(error, source.url);
    } finally {
      deadline.stop();
    }
  };
}

/** Rejects when the body ends, for whatever reason: a live source has no good end. */
function pump(body: IncomingMessage, demuxer: TsDemuxer, onRead: () => void): Promise<never> {
  return new Promise((_, reject) => {
    const fail = (error: unknown): void => {
      body.destroy();
      reject(error);
    };
    body.on('data', (chunk: Buffer) => {
      onRead();
      try {
        // As a plain array: the `slice` of a Buffer makes no copy, which pure code relies on.
        demuxer.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length));
      } catch (cause) {
        // A fault of this program; caught here so that it costs this input only, not all of its worker.
        fail(new AppError('internal', 'demuxing failed', { cause }));
      }
    });
    body.once('error', fail);
    body.once('close', () => fail(new AppError('source-closed', 'the source ended the connection')));
  });
}
