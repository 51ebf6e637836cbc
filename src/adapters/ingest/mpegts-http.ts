import type { LookupFunction } from 'node:net';
import type { RunInput } from '../../capture/source/input.ts';
import { ChunkSyntaxError } from '../../media/http/chunked-body.ts';
import { TsDemuxer } from '../../media/mpegts/demuxer.ts';
import { AppError } from '../../units/app-error.ts';
import type { Clock } from '../../units/clock.ts';
import { maskUrl } from '../../units/mask-url.ts';
import { Deadline } from './deadline.ts';
import { type HttpAnswer, readBody } from './http-body.ts';
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
      const answer = await openHttp(source.url, {
        signal: AbortSignal.any([signal, deadline.signal]),
        lookup,
        onStep: () => deadline.begin('source-unreachable', `${masked} does not answer in time`),
      });
      deadline.begin('source-stalled', `${masked} answers, but sends nothing`);
      const demuxer = new TsDemuxer(sink);
      await pump(answer, masked, (bytes) => {
        deadline.stop();
        reading.read();
        demuxer.push(bytes);
      });
    } catch (error) {
      if (!signal.aborted) throw deadline.signal.aborted ? deadline.signal.reason : sourceError(error, source.url);
    } finally {
      deadline.stop();
    }
  };
}

/** Rejects when the body ends, for whatever reason: a live source has no good end. `masked`: the source, without credentials. */
function pump(answer: HttpAnswer, masked: string, take: (bytes: Uint8Array) => void): Promise<never> {
  return new Promise((_, reject) => {
    const { response } = answer;
    const fail = (error: unknown): void => {
      response.destroy();
      reject(error);
    };
    response.once('error', fail);
    response.once('close', () => fail(new AppError('source-closed', 'the source ended the connection')));
    readBody(answer, take, (cause) => {
      if (cause instanceof ChunkSyntaxError) fail(new AppError('source-protocol', `${masked} sends ${cause.message}`));
      // A fault of this program; caught here so that it costs this input only, not all of its worker.
      else fail(new AppError('internal', 'demuxing failed', { cause }));
    });
  });
}
