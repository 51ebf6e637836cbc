/**
 * The server of the delivery benchmark, a process of its own so that its CPU time is its own: `server.ts bare|headwater SEGMENT`, with
 * the file of a segment. Prints its port.
 */
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../src/adapters/clock.ts';
import { createApp } from '../../src/adapters/http/app.ts';
import { registerDeliveryRoutes } from '../../src/adapters/http/delivery-routes.ts';
import { OpenFiles } from '../../src/adapters/http/open-files.ts';
import { Metrics } from '../../src/adapters/metrics/metrics.ts';
import { Delivery } from '../../src/delivery/delivery.ts';
import { mediaPlaylist } from '../../src/hls/playlist.ts';
import { millis } from '../../src/units/time.ts';
import { fakeApi } from '../../test/support/fake-api.ts';
import { s01, s02, surroundings, windowOf } from '../../test/support/fake-delivery.ts';
import { silentLog } from '../../test/support/silent-log.ts';

const [, , served = 'headwater', segmentFile = ''] = process.argv;
const segmentBytes = statSync(segmentFile).size;

/** A full list, every other segment at another server. */
const window = windowOf(900_000_000, 900_000_007, s01, { 900000001: s02 });

async function headwater(): Promise<number> {
  const around = surroundings(s01);
  around.setLocal(window);
  around.setOwner(s01);
  for (const { number } of window.segments) {
    const decodeTimes = [{ at: 100, value: BigInt(number) * 180_000n }];
    if (number !== 900_000_001)
      around.locations.set(number, { path: segmentFile, offset: 0, length: segmentBytes, decodeTimes });
  }
  const delivery = new Delivery({ ports: around, clock: systemClock });
  const metrics = new Metrics({
    version: 'bench',
    status: fakeApi().status,
    held: () => delivery.held,
    mpegtsViewers: () => delivery.mpegtsViewers,
    groupClockAhead: () => millis(0),
    archives: () => [],
  });
  metrics.start();
  const app = createApp(silentLog, (code) => metrics.failed(code));
  const files = new OpenFiles(systemClock);
  registerDeliveryRoutes(app, { delivery, files, clock: systemClock, log: silentLog, meter: metrics });
  await app.listen({ port: 0, host: '127.0.0.1' });
  return (app.server.address() as AddressInfo).port;
}

/** What Node itself can do at best: no routing, the same bytes and headers. */
async function bare(): Promise<number> {
  const playlist = Buffer.from(mediaPlaylist(window));
  const cors = {
    'access-control-allow-origin': '*',
    'access-control-expose-headers': 'content-length, content-range, retry-after, date',
  };
  const server = createServer((request, response) => {
    if (request.url?.endsWith('.m3u8')) {
      response.writeHead(200, {
        ...cors,
        'content-type': 'application/vnd.apple.mpegurl',
        'cache-control': 'no-cache',
        'content-length': playlist.length,
      });
      response.end(playlist);
    } else if (request.url?.endsWith('900000007.m4s')) {
      response.writeHead(200, { ...cors, 'content-type': 'video/mp4', 'content-length': segmentBytes });
      createReadStream(segmentFile, { highWaterMark: 512 * 1024 }).pipe(response);
    } else {
      response.writeHead(302, {
        ...cors,
        location: `http://s02.example:8080${request.url}?hops=1`,
        'cache-control': 'no-store',
        'content-length': 0,
      });
      response.end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

process.stdout.write(`${served === 'bare' ? await bare() : await headwater()}\n`);
