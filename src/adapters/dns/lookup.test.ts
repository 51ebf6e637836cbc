import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MessageChannel } from 'node:worker_threads';
import { expect, it, vi } from 'vitest';
import { restless } from '../../../test/support/restless.ts';
import { errorOf, runInput } from '../../../test/support/run-input.ts';
import { millis } from '../../units/time.ts';
import { systemClock } from '../clock.ts';
import { createRunInput } from '../ingest/run-input.ts';
import { createPeerHttp } from '../peer/peer-http.ts';
import { type Find, lookupBy } from './lookup.ts';
import type { Addresses } from './name-lookups.ts';
import { answerLookups, askLookups } from './thread-lookups.ts';

const both: Addresses = [
  { address: '::1', family: 6 },
  { address: '127.0.0.1', family: 4 },
];

const unknown: Find = (name) => Promise.reject(Object.assign(new Error(`no ${name}`), { code: 'ENOTFOUND' }));

function looked(find: Find, options: Parameters<ReturnType<typeof lookupBy>>[1]): Promise<unknown[]> {
  return new Promise((resolve) => lookupBy(find)('cam', options, (...given) => resolve(given)));
}

it('answers as dns.lookup does', async () => {
  const find: Find = () => Promise.resolve(both);
  expect(await looked(find, { all: true })).toEqual([null, both]);
  expect(await looked(find, {})).toEqual([null, '::1', 6]);
  expect(await looked(find, { family: 4 })).toEqual([null, '127.0.0.1', 4]);
  expect(await looked(find, { family: 'IPv6' })).toEqual([null, '::1', 6]);
  expect(await looked(() => Promise.resolve([]), {})).toMatchObject([{ code: 'ENOTFOUND' }, '', 0]);
  expect(await looked(unknown, { all: true })).toMatchObject([{ code: 'ENOTFOUND' }, '', 0]);
});

it('is asked by a thread over a port', async () => {
  const { port1, port2 } = new MessageChannel();
  const answered = vi.fn();
  answerLookups(port1, (name) => (name === 'cam' ? Promise.resolve(both) : unknown(name)), answered);
  const find = askLookups(port2);
  // Nothing but the test waits here, and it holds no process: what it waits for must.
  port2.ref();
  const [known, other] = await Promise.allSettled([find('cam'), find('x')]);
  port2.close();
  expect(known).toEqual({ status: 'fulfilled', value: both });
  expect(other).toMatchObject({ status: 'rejected', reason: { message: 'no x', code: 'ENOTFOUND' } });
  expect(answered).toHaveBeenCalledTimes(2);
});

it('is what sources and peers ask for names, and not for addresses', async () => {
  const server = createServer((_, response) => response.end()).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const asked: string[] = [];
  const lookup = lookupBy((name) => {
    asked.push(name);
    return unknown(name);
  });
  const input = createRunInput(systemClock, restless, lookup);
  const urls = (host: string) =>
    [
      { url: `rtsp://${host}:${port}/`, protocol: 'rtsp' },
      { url: `http://${host}:${port}/`, protocol: 'mpegts-http' },
      { url: `https://${host}:${port}/`, protocol: 'mpegts-http' },
    ] as const;
  for (const source of urls('127.0.0.1')) await errorOf(runInput(input, source).ended);
  const http = createPeerHttp(systemClock, lookup);
  const ask = (host: string, connection: 'kept' | 'once') =>
    http.post({
      address: { host, port },
      path: '/',
      headers: {},
      body: new Uint8Array(0),
      lane: 'exchange',
      connection,
      within: millis(5_000),
      maxAnswerBytes: 1_000,
      signal: new AbortController().signal,
    });
  expect((await ask('127.0.0.1', 'kept')).ok).toBe(true);
  expect(asked).toEqual([]);
  for (const source of urls('cam.test')) {
    expect((await errorOf(runInput(input, source).ended)).code).toBe('source-unreachable');
  }
  expect(await ask('s02.test', 'kept')).toEqual({ ok: false, reason: 'unreachable' });
  expect(await ask('s03.test', 'once')).toEqual({ ok: false, reason: 'unreachable' });
  expect(asked).toEqual(['cam.test', 'cam.test', 'cam.test', 's02.test', 's03.test']);
  http.close();
  server.closeAllConnections();
  server.close();
});
