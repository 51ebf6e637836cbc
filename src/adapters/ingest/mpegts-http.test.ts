import { lookup } from 'node:dns';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { demux } from '../../../test/support/captures.ts';
import { restless } from '../../../test/support/restless.ts';
import { errorOf, runInput } from '../../../test/support/run-input.ts';
import { type CameraFarm, type CameraSpec, startCameras } from '../../demo/cameras/farm.ts';
import { systemClock } from '../clock.ts';
import { mpegtsHttpInput } from './mpegts-http.ts';

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.close();
});

const lobby: CameraSpec = {
  name: 'lobby',
  clip: 'demo/clip/lobby.ts',
  protocol: 'mpegts-http',
  behaviour: { start: 'burst' },
};

async function farmOf(...cameras: CameraSpec[]): Promise<CameraFarm> {
  const farm = await startCameras({ cameras, clock: systemClock });
  opened.push(farm);
  return farm;
}

const run = (url: string, timeoutMs?: number) =>
  runInput(mpegtsHttpInput(systemClock, restless, lookup), { url, protocol: 'mpegts-http' }, timeoutMs);

async function listening(server: Server | ReturnType<typeof createTcpServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push({
    close: () => {
      if ('closeAllConnections' in server) server.closeAllConnections();
      server.close();
    },
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('delivers the frames of the camera until it is aborted, then has left', async () => {
  const farm = await farmOf(lobby);
  const { sink, ended, abort } = run(farm.url('lobby'));
  await sink.until(({ frames }) => frames.length > 60);
  expect(sink.announced).toEqual([
    {
      tracks: [
        expect.objectContaining({ codec: 'h264', width: 640, height: 360 }),
        expect.objectContaining({ codec: 'aac' }),
      ],
      unsupported: [],
    },
  ]);
  expect(sink.of(0)[0]?.keyframe).toBe(true);
  expect(sink.damages).toEqual([]);
  abort();
  await ended;
});

test('follows redirects and keeps the credentials for its host only', async () => {
  const credentials = { user: 'admin', password: 'p@ss/word' };
  const farm = await farmOf({ ...lobby, behaviour: { credentials, start: 'burst' } });
  const far = await listening(
    createServer((_, response) => response.writeHead(302, { location: farm.url('lobby') }).end()),
  );
  const same = run(`http://admin:p%40ss%2Fword@${far}/x`);
  await same.sink.until(({ frames }) => frames.length > 0);
  same.abort();
  await same.ended;
  const elsewhere = run(`http://admin:p%40ss%2Fword@localhost:${far.split(':')[1]}/x`);
  expect((await errorOf(elsewhere.ended)).code).toBe('source-unauthorized');
});

test.each([
  ['a wrong password', 'source-unauthorized', { credentials: { user: 'u', password: 'right' } }],
  ['no free connection', 'source-busy', { second: 'refuse' as const }],
  ['a loop of redirects', 'source-protocol', { redirect: '/lobby' }],
])('%s is %s, and tells no password', async (_, code, behaviour) => {
  const farm = await farmOf(lobby);
  const first = run(farm.url('lobby'));
  await first.sink.until(({ frames }) => frames.length > 0);
  await farm.control('lobby', behaviour);
  const error = await errorOf(run(farm.url('lobby').replace('//', '//u:secret@')).ended);
  expect(error.code).toBe(code);
  expect(error.message).not.toContain('secret');
  first.abort();
  await first.ended;
});

test('what the network says becomes a code of this program', async () => {
  const farm = await farmOf({ ...lobby, port: 0 });
  const url = farm.url('lobby');
  const connected = run(url);
  await connected.sink.until(({ frames }) => frames.length > 0);
  await farm.control('lobby', { state: 'dead' });
  expect((await errorOf(connected.ended)).code).toBe('source-closed');
  expect((await errorOf(run(url).ended)).code).toBe('source-refused');
  expect((await errorOf(run('http://no-such-host.invalid/x').ended)).code).toBe('source-unreachable');
  await farm.control('lobby', { state: 'frozen' });
  expect((await errorOf(run(url, 100).ended)).code).toBe('source-stalled');
  const silent = await listening(createTcpServer(() => {}));
  expect((await errorOf(run(`http://${silent}/`, 100).ended)).code).toBe('source-unreachable');
  const chatty = await listening(createTcpServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n')));
  expect((await errorOf(run(`http://${chatty}/`).ended)).code).toBe('source-protocol');
});

describe('a body', () => {
  const clip = readFileSync('demo/clip/lobby.ts').subarray(0, 188 * 4_000);
  const portions = Array.from({ length: 40 }, (_, i) =>
    clip.subarray((i * clip.length) / 40, ((i + 1) * clip.length) / 40),
  );
  const plainHead = 'HTTP/1.1 200 OK\r\ncontent-type: video/mp2t\r\n';
  const chunked = (part: Buffer): Buffer =>
    Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]);

  /** Answers a request with these bytes, in these portions, and ends the connection. */
  async function answering(...pieces: (Buffer | string)[]): Promise<string> {
    const server = createTcpServer((socket) => {
      socket.once('data', () => {
        for (const piece of pieces) socket.write(piece);
        socket.end();
      });
    });
    return `http://${await listening(server)}/`;
  }

  test.each([
    ['without a length', [`${plainHead}connection: close\r\n\r\n`, ...portions]],
    ['in one piece with its head', [Buffer.concat([Buffer.from(`${plainHead}\r\n`), clip])]],
    ['of a length', [`${plainHead}content-length: ${clip.length}\r\n\r\n`, ...portions]],
    ['in chunks', [`${plainHead}transfer-encoding: chunked\r\n\r\n`, ...portions.map(chunked)]],
    [
      'in chunks, with an end',
      [`${plainHead}transfer-encoding: chunked\r\n\r\n`, ...portions.map(chunked), '0\r\n\r\n'],
    ],
    ['behind an interim answer', ['HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n', `${plainHead}\r\n`, ...portions]],
  ])('%s is read whole', async (_, pieces) => {
    const { sink, ended } = run(await answering(...pieces));
    expect((await errorOf(ended)).code).toBe('source-closed');
    const whole = demux(new Uint8Array(clip));
    expect(sink.damages).toEqual([]);
    // What stands at the end of a source that breaks off is not known to be whole.
    expect(sink.of(0).length).toBeGreaterThanOrEqual(whole.of(0).length - 5);
    expect(sink.of(1).length).toBeGreaterThanOrEqual(whole.of(1).length - 5);
  });

  test('of chunks that are none is told', async () => {
    const { ended } = run(
      await answering(`${plainHead}transfer-encoding: chunked\r\n\r\n`, chunked(clip), 'what?\r\n'),
    );
    expect(await errorOf(ended)).toMatchObject({ code: 'source-protocol', message: expect.stringContaining('chunk') });
  });
});
