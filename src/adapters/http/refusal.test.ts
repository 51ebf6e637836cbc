import { expect, test } from 'vitest';
import { fakeApi } from '../../../test/support/fake-api.ts';
import { cam, s01, surroundings } from '../../../test/support/fake-delivery.ts';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { silentLog } from '../../../test/support/silent-log.ts';
import { errorSchema } from '../../api/schema.ts';
import { Delivery } from '../../delivery/delivery.ts';
import { registerApiRoutes } from './api-routes.ts';
import { createApp } from './app.ts';
import { registerDeliveryRoutes } from './delivery-routes.ts';
import { OpenFiles } from './open-files.ts';

function whole() {
  const clock = new ManualClock();
  const app = createApp(silentLog);
  registerApiRoutes(app, fakeApi());
  const nothing = (): void => undefined;
  registerDeliveryRoutes(app, {
    delivery: new Delivery({ ports: surroundings(s01), clock }),
    files: new OpenFiles(clock),
    clock,
    log: silentLog,
    meter: { answered: nothing, failed: nothing, sent: nothing, slowViewer: nothing },
  });
  return app;
}

test.each([
  ['POST', `/${cam}/index.m3u8`, 'GET, HEAD, OPTIONS'],
  ['PUT', `/${cam}/video.m3u8?x=1`, 'GET, HEAD, OPTIONS'],
  ['DELETE', `/${cam}/1.m4s`, 'GET, HEAD, OPTIONS'],
  ['POST', '/', 'GET, HEAD, OPTIONS'],
  ['POST', '/api/v1/streams', 'GET, HEAD, OPTIONS'],
  ['GET', '/api/v1/drain', 'POST, OPTIONS'],
  ['PATCH', '/api/v1/reload', 'POST, OPTIONS'],
] as const)('%s %s is told which methods there are', async (method, url, allow) => {
  // A body that nothing here reads.
  const answer = await whole().inject({ method, url, headers: { 'content-type': 'image/png' }, payload: 'x' });
  expect([answer.statusCode, answer.headers.allow]).toEqual([405, allow]);
  expect(errorSchema.parse(answer.json()).error).toMatchObject({ code: 'method-not-allowed' });
  expect(answer.json().error.message).toBe(`this address takes ${allow}, not ${method}`);
});

test.each(['POST', 'GET'] as const)('%s where nothing is, is not found', async (method) => {
  const answer = await whole().inject({ method, url: '/wp-login.php' });
  expect([answer.statusCode, answer.json().error.code]).toEqual([404, 'not-found']);
});

test.each([
  ['/site/cam01', '/site/cam01/'],
  ['/site/cam01?pathways=1', '/site/cam01/?pathways=1'],
  ['/site%2Fcam01', '/site%2Fcam01/'],
])('%s, a stream without a slash, is sent to its page', async (url, location) => {
  const app = whole();
  const answer = await app.inject({ url });
  expect([answer.statusCode, answer.headers.location]).toEqual([302, location]);
  expect((await app.inject({ url: location })).statusCode).toBe(200);
});
