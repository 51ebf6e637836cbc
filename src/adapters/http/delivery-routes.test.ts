import { mkdtempSync, readdirSync, readlinkSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { cam, s01, s02, surroundings, windowOf } from '../../../test/support/fake-delivery.ts';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import { silentLog } from '../../../test/support/silent-log.ts';
import { tsChunks } from '../../../test/support/ts-chunks.ts';
import { Delivery } from '../../delivery/delivery.ts';
import type { Log } from '../../units/log.ts';
import { systemClock } from '../clock.ts';
import type { DeliveryMeter } from '../metrics/delivery-meter.ts';
import { createApp } from './app.ts';
import { registerDeliveryRoutes } from './delivery-routes.ts';
import { OpenFiles } from './open-files.ts';

const silentMeter: DeliveryMeter = {
  answered: () => undefined,
  failed: () => undefined,
  sent: () => undefined,
  slowViewer: () => undefined,
};
const folder = mkdtempSync(join(tmpdir(), 'headwater-delivery-'));
const path = join(folder, 'run.mp4');
/** Longer than some pieces, so that borders are crossed; every byte tells its place. */
const bytes = Buffer.from(Array.from({ length: 1_300_000 }, (_, i) => (i * 7 + (i >> 8)) & 0xff));
const location = {
  path,
  offset: 100_000,
  length: 1_150_000,
  decodeTimes: [
    { at: 16, value: 0x0102030405060708n },
    // Reaches over the border of the first piece.
    { at: 128 * 1024 - 3, value: 0x1112131415161718n },
  ],
};

beforeAll(() => writeFileSync(path, bytes));
afterAll(() => rmSync(folder, { recursive: true }));

function expected(): Buffer {
  const segment = Buffer.from(bytes.subarray(location.offset, location.offset + location.length));
  for (const { at, value } of location.decodeTimes) segment.writeBigUInt64BE(value, at);
  return segment;
}

async function served() {
  const around = surroundings(s01);
  const clock = new ManualClock();
  around.setLocal(windowOf(1, 3, s01, { 1: s02 }));
  around.setOwner(s01);
  around.locations.set(2, location);
  around.locations.set(3, { ...location, path: join(folder, 'erased.mp4') });
  const sent: [string, number][] = [];
  const files = new OpenFiles(clock);
  const app = createApp(silentLog);
  const slow: string[] = [];
  const meter: DeliveryMeter = {
    ...silentMeter,
    sent: (kind, count) => void sent.push([kind, count]),
    slowViewer: (...what) => void slow.push(what.join(' ')),
  };
  const log: Log = { ...silentLog, info: (message, fields) => void slow.push(`${message} ${JSON.stringify(fields)}`) };
  registerDeliveryRoutes(app, { delivery: new Delivery({ ports: around, clock }), files, clock, log, meter });
  await app.ready();
  return { app, files, clock, around, sent, slow };
}

describe('a segment', () => {
  test('comes whole, moved onto the timeline', async () => {
    const { app, files, sent } = await served();
    const answer = await app.inject({ url: '/site/cam01/2.m4s' });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'video/mp4',
      'content-length': `${location.length}`,
      'access-control-allow-origin': '*',
      'cache-control': expect.stringContaining('immutable'),
    });
    expect(answer.rawPayload.equals(expected())).toBe(true);
    expect(sent).toEqual([['segment', location.length]]);
    files.close();
  });

  test.each([
    ['bytes=20-600000', 206, 20, 600_001],
    ['bytes=1149990-', 206, 1_149_990, 1_150_000],
    ['bytes=-5', 206, 1_149_995, 1_150_000],
    ['bytes=0-9999999', 206, 0, 1_150_000],
    ['bytes=0-1,5-6', 200, 0, 1_150_000],
    ['lines=1-2', 200, 0, 1_150_000],
    ['bytes=9-5', 200, 0, 1_150_000],
  ])('in the range %s', async (range, status, from, to) => {
    const { app, files } = await served();
    const answer = await app.inject({ url: '/site/cam01/2.m4s', headers: { range } });
    expect(answer.statusCode).toBe(status);
    expect(answer.rawPayload.equals(expected().subarray(from, to))).toBe(true);
    expect(answer.headers['content-range']).toBe(
      status === 206 ? `bytes ${from}-${to - 1}/${location.length}` : undefined,
    );
    files.close();
  });

  test('has no bytes behind its end', async () => {
    const answer = await (await served()).app.inject({
      url: '/site/cam01/2.m4s',
      headers: { range: 'bytes=1150000-' },
    });
    expect([answer.statusCode, answer.json().error.code]).toEqual([416, 'range-unsatisfiable']);
    expect(answer.headers['content-range']).toBe(`bytes */${location.length}`);
  });

  test('answers HEAD without reading', async () => {
    const { app, sent } = await served();
    const answer = await app.inject({ method: 'HEAD', url: '/site/cam01/2.m4s' });
    expect([answer.statusCode, answer.headers['content-length'], answer.rawPayload.length]).toEqual([
      200,
      `${location.length}`,
      0,
    ]);
    expect(sent).toEqual([]);
  });

  test('whose file was erased is gone, in JSON', async () => {
    const answer = await (await served()).app.inject({ url: '/site/cam01/3.m4s' });
    expect([answer.statusCode, answer.json().error.code]).toEqual([404, 'segment-gone']);
  });

  test('elsewhere is redirected so that no cache keeps it and every page may follow', async () => {
    const answer = await (await served()).app.inject({ url: '/site/cam01/1.m4s?token=x' });
    expect(answer.statusCode).toBe(302);
    expect(answer.headers).toMatchObject({
      location: 'http://s02.example:8080/site/cam01/1.m4s?token=x&hops=1',
      'cache-control': 'no-store',
      'access-control-allow-origin': '*',
    });
  });
});

describe('a viewer of a segment that reads nothing', () => {
  /** More than the kernel takes for both ends of a connection. */
  const large = { path: join(folder, 'large.mp4'), offset: 0, length: 64 * 1024 * 1024, decodeTimes: [] };

  test('is dropped after ten seconds, counted and told, and the erased file is let go', async () => {
    const { app, files, clock, around, slow } = await served();
    writeFileSync(large.path, '');
    truncateSync(large.path, large.length);
    around.locations.set(2, large);
    await app.listen({ port: 0, host: '127.0.0.1' });
    const connections = new Set<Socket>();
    app.server.on('connection', (socket: Socket) => {
      connections.add(socket);
      socket.once('close', () => connections.delete(socket));
    });
    const viewer = connect((app.server.address() as AddressInfo).port, '127.0.0.1').pause();
    viewer.write('GET /site/cam01/2.m4s HTTP/1.1\r\nHost: x\r\n\r\n');
    await vi.waitUntil(() => isOpen(large.path), { timeout: 4000 });
    rmSync(large.path);
    await vi.waitUntil(() => clock.advance(ms(1000)).then(() => connections.size === 0), {
      interval: 1,
      timeout: 4000,
    });
    expect(clock.monotonic()).toBeGreaterThanOrEqual(10_000);
    expect(slow).toEqual([
      'segment closed',
      'viewers were dropped: too slow for their stream {"kind":"segment","stream":"site/cam01","count":1}',
    ]);
    await vi.waitUntil(() => clock.advance(ms(1000)).then(() => !isOpen(large.path)), { interval: 1, timeout: 4000 });
    viewer.destroy();
    files.close();
    await app.close();
  });

  /** Whether this process has a descriptor of the file, be it erased or not. */
  function isOpen(file: string): boolean {
    const links = readdirSync('/proc/self/fd').map((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`);
      } catch {
        return '';
      }
    });
    return links.some((link) => link.startsWith(file));
  }
});

test('a playlist says what it is and that it changes', async () => {
  const { app } = await served();
  for (const method of ['GET', 'HEAD'] as const) {
    const answer = await app.inject({ method, url: '/site/cam01/video.m3u8' });
    expect(answer.headers).toMatchObject({
      'content-type': 'application/vnd.apple.mpegurl',
      'cache-control': 'no-cache',
      'access-control-allow-origin': '*',
    });
    expect(answer.body.includes('2.m4s')).toBe(method === 'GET');
  }
});

test('an init segment is video', async () => {
  const answer = await (await served()).app.inject({ url: '/site/cam01/init-abc.mp4' });
  expect([answer.body, answer.headers['content-type']]).toEqual(['ftypmoov', 'video/mp4']);
});

test.each([
  ['/', '/site/cam01/embed.html'],
  ['/site/cam01/', 'data-source="/site/cam01/index.m3u8"'],
  ['/site/cam01/embed.html', '/assets/player.js'],
  ['/assets/player.js', 'pathways=1'],
  ['/assets/hls.js', 'Hls'],
])('the page %s', async (url, content) => {
  const answer = await (await served()).app.inject({ url });
  expect(answer.statusCode).toBe(200);
  expect(answer.body).toContain(content);
});

test('a preflight is answered for every address', async () => {
  const answer = await (await served()).app.inject({ method: 'OPTIONS', url: '/site/cam01/2.m4s' });
  expect([answer.statusCode, answer.headers['access-control-allow-methods']]).toEqual([204, 'GET, HEAD, OPTIONS']);
});

test.each([
  ['//', 404, 'not-found'],
  ['/site/cam01/other.txt', 404, 'not-found'],
  ['/other/video.m3u8', 404, 'stream-unknown'],
  ['/other/mpegts', 404, 'stream-unknown'],
  ['/../../etc/passwd/video.m3u8', 404, 'stream-unknown'],
  ['/site/cam01/..%2f..%2f1.m4s', 404, 'stream-unknown'],
  ['/site/cam01/-1.m4s', 404, 'not-found'],
  ['/site/cam01/%', 400, 'bad-request'],
  [`/${'a'.repeat(5000)}/video.m3u8`, 404, 'not-found'],
])('%s is refused in JSON', async (url, status, code) => {
  const answer = await (await served()).app.inject({ url });
  expect([answer.statusCode, answer.json().error.code]).toEqual([status, code]);
  expect(answer.headers['access-control-allow-origin']).toBe('*');
});

test('a viewer of MPEG-TS that takes nothing is left out, and gone when it leaves', async () => {
  const around = surroundings(s01);
  around.setOwner(s01);
  const slow: string[] = [];
  const app = createApp(silentLog);
  const delivery = new Delivery({ ports: around, clock: systemClock });
  const meter = { ...silentMeter, slowViewer: (...what: string[]) => void slow.push(what.join(' ')) };
  const files = new OpenFiles(systemClock);
  registerDeliveryRoutes(app, { delivery, files, clock: systemClock, log: silentLog, meter });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const viewer = connect(port, '127.0.0.1');
  viewer.pause();
  viewer.write(`GET /${cam}/mpegts HTTP/1.1\r\nHost: x\r\n\r\n`);
  let from = 0;
  const push = (): void => {
    const group = tsChunks({ from, to: from + 10, gop: 10, frameBytes: 200_000 });
    from += 10;
    for (const chunk of group) around.chunk(chunk);
  };
  await vi.waitUntil(() => {
    push();
    return delivery.mpegtsViewers === 1;
  });
  // The kernel takes some megabytes, then the queue fills up; a viewer that took nothing can't go on at a keyframe.
  for (let i = 0; i < 20; i++) push();
  expect(slow).toEqual(['mpegts skipped']);
  viewer.destroy();
  await vi.waitUntil(() => delivery.mpegtsViewers === 0);
  delivery.close();
  await app.close();
});

test('unavailable says when to come again', async () => {
  const around = surroundings(s01);
  const clock = new ManualClock();
  const app = createApp(silentLog);
  const [delivery, files] = [new Delivery({ ports: around, clock }), new OpenFiles(clock)];
  registerDeliveryRoutes(app, { delivery, files, clock, log: silentLog, meter: silentMeter });
  await app.ready();
  const asked = app.inject({ url: `/${cam}/video.m3u8` });
  let answered = false;
  void asked.finally(() => {
    answered = true;
  });
  await vi.waitUntil(() => clock.advance(ms(8000)).then(() => answered));
  const answer = await asked;
  expect([answer.statusCode, answer.headers['retry-after'], answer.json().error.code]).toEqual([
    503,
    '1',
    'stream-unavailable',
  ]);
});
