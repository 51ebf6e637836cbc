import { lookup } from 'node:dns';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { silentLog } from '../../../test/support/silent-log.ts';
import { PeerClient } from '../../group/peer-client.ts';
import { PeerGate } from '../../group/peer-gate.ts';
import { peerContentType, peerHeaders } from '../../group/peer-headers.ts';
import { PeerService } from '../../group/peer-service.ts';
import { Signer } from '../../group/signature.ts';
import { incarnation, serverName } from '../../units/ids.ts';
import { instant, millis } from '../../units/time.ts';
import { systemClock } from '../clock.ts';
import { nodeHmac } from '../hmac.ts';
import { createApp } from '../http/app.ts';
import { createPeerHttp } from './peer-http.ts';
import { registerPeerRoutes } from './peer-routes.ts';

const [a, b] = [serverName('a'), serverName('b')];
const path = '/peer/v1/echo';
const largest = 16 * 1024 * 1024;
const sockets: Socket[] = [];
let app: FastifyInstance;
/** Requests whose body the server began to read. */
let begun = 0;

beforeEach(async () => {
  const signer = new Signer(nodeHmac, 'key');
  const gate = new PeerGate({
    hmac: nodeHmac,
    signer,
    self: b,
    life: incarnation(1),
    staleTimeout: (name) => (name === a ? millis(10_000) : undefined),
    now: () => instant(0),
  });
  const handlers = {
    [path]: ({ body }: { readonly body: unknown }) => Promise.resolve({ status: 200, body }),
    '/peer/v1/quiet': () => Promise.resolve({ status: 304, body: {} }),
  };
  app = createApp(silentLog);
  begun = 0;
  app.addHook('preParsing', (_request, _reply, payload, done) => {
    begun += 1;
    done(null, payload);
  });
  registerPeerRoutes(app, new PeerService({ gate: () => gate, handlers, onRefused: () => {} }));
  await app.listen({ port: 0, host: '127.0.0.1' });
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await app.close();
});

/** A request whose body stays away until `send`; `answer` is the status and headers that come back. */
function request(headers: Record<string, string>): { socket: Socket; answer: Promise<string>; send: () => void } {
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  sockets.push(socket);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`POST ${path} HTTP/1.1\r\nhost: b\r\ncontent-type: ${peerContentType}\r\n${lines.join('')}\r\n`);
  const answer = new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString('latin1'))));
  return { socket, answer, send: () => void socket.write(bodyOf(Number(headers['content-length']))) };
}

/** A JSON text of that length. */
function bodyOf(length: number): Buffer {
  return Buffer.from(`"${'x'.repeat(length - 2)}"`);
}

function signed(challenge: string, key: string, length: number): Record<string, string> {
  const signer = new Signer(nodeHmac, key);
  const body = signer.sealBody(bodyOf(length));
  const nonce = nodeHmac.nonce();
  const life = incarnation(1);
  const parties = { sender: a, recipient: b, senderLife: life, recipientLife: life };
  return {
    'content-length': String(length),
    [peerHeaders.from]: a,
    [peerHeaders.to]: b,
    [peerHeaders.fromLife]: '1',
    [peerHeaders.toLife]: '1',
    [peerHeaders.challenge]: challenge,
    [peerHeaders.nonce]: nonce,
    [peerHeaders.bodyDigest]: body.digest,
    [peerHeaders.signature]: signer.signRequest({ method: 'POST', path, ...parties, challenge, nonce, body }),
  };
}

/** As anybody gets it who names a peer. */
async function challengeFor(): Promise<string> {
  const refusal = await request(signed('', 'no key', 2)).answer;
  return new RegExp(`${peerHeaders.challenge}: (\\w+)`).exec(refusal)?.[1] ?? '';
}

const status = async (answer: Promise<string>): Promise<number> => Number((await answer).split(' ')[1]);

describe('the peer API reads no body', () => {
  it('of a request without the key, which has the challenge and names a peer', async () => {
    const challenge = await challengeFor();
    expect(challenge).toHaveLength(32);
    expect(await status(request(signed(challenge, 'another key', largest)).answer)).toBe(403);
  });

  it.each([
    ['longer than its head was signed for', { 'content-length': String(largest) }],
    ['of no announced length', { 'content-length': undefined, 'transfer-encoding': 'chunked' }],
  ])('%s', async (_, altered) => {
    const head = Object.entries({ ...signed(await challengeFor(), 'key', 10), ...altered });
    const given = head.filter((header): header is [string, string] => header[1] !== undefined);
    expect(await status(request(Object.fromEntries(given)).answer)).toBe(403);
  });

  it('beyond what one peer may have under way, until that is read or broken off', async () => {
    const challenge = await challengeFor();
    const [first, second] = [request(signed(challenge, 'key', largest)), request(signed(challenge, 'key', largest))];
    await vi.waitUntil(() => begun === 2);
    expect(await status(request(signed(challenge, 'key', 10)).answer)).toBe(503);
    first.send();
    expect(await status(first.answer)).toBe(200);
    const third = request(signed(challenge, 'key', largest));
    await vi.waitUntil(() => begun === 3);
    expect(await status(request(signed(challenge, 'key', 10)).answer)).toBe(503);
    second.socket.destroy();
    third.socket.destroy();
    const later = await vi.waitUntil(async () => {
      const small = request(signed(challenge, 'key', 10));
      small.send();
      return (await status(small.answer)) === 200;
    });
    expect(later).toBe(true);
  });
});

it('an answer whose status has no content is believed like any other', async () => {
  const { port } = app.server.address() as AddressInfo;
  const http = createPeerHttp(systemClock, lookup);
  const rejected: string[] = [];
  const client = new PeerClient({
    clock: systemClock,
    hmac: nodeHmac,
    http,
    signer: new Signer(nodeHmac, 'key'),
    self: a,
    life: incarnation(1),
    address: () => ({ host: '127.0.0.1', port }),
    onRejected: (peer) => rejected.push(peer),
  });
  const { signal } = new AbortController();
  const answer = await client.call({ peer: b, path: '/peer/v1/quiet', body: {}, within: millis(5_000), signal });
  http.close();
  expect(answer).toMatchObject({ ok: true, status: 304, body: {} });
  expect(rejected).toEqual([]);
});
