import { expect, test } from 'vitest';
import { fakeApi } from '../../../test/support/fake-api.ts';
import { silentLog } from '../../../test/support/silent-log.ts';
import { operations } from '../../api/operations.ts';
import { errorSchema, reloadSchema } from '../../api/schema.ts';
import { registerApiRoutes } from './api-routes.ts';
import { createApp } from './app.ts';

function appWith(overrides: Parameters<typeof fakeApi>[0] = {}) {
  const ports = fakeApi(overrides);
  const app = createApp(silentLog);
  registerApiRoutes(app, ports);
  return { app, ports };
}

const local = { remoteAddress: '127.0.0.1', headers: { host: '127.0.0.1:8080' } };

test.each(operations.filter(({ method }) => method === 'get'))('$id answers in its own schema', async (operation) => {
  const { app } = appWith();
  const url = operation.path.replace('{name}', 'site/cam01');
  const answer = await app.inject({ url });
  expect(answer.statusCode).toBe(200);
  expect(operation.answer.parse(answer.json())).toEqual(answer.json());
  expect(answer.headers).toMatchObject({ 'access-control-allow-origin': '*', 'cache-control': 'no-store' });
  expect((await app.inject({ url, method: 'HEAD' })).statusCode).toBe(200);
});

test('the archive of a stream is told for a span; a stream whose own name ends so is asked for with an escaped slash', async () => {
  const { app } = appWith();
  const ask = async (path: string) => (await app.inject({ url: `/api/v1/streams/${path}` })).json();
  expect(await ask('site/cam01/archive?from=2026-01-31T22:00:00Z&to=2026-01-31T23:00:00Z')).toEqual({
    intervals: [{ fromMs: 1_769_896_800_000, toMs: 1_769_900_400_000, bytes: 77, servers: ['s01'] }],
  });
  expect(await ask('site/cam01/archive?from=1h&to=2h')).toMatchObject({ error: { code: 'bad-request' } });
  expect(await ask('other/archive')).toMatchObject({ error: { code: 'stream-unknown' } });
  expect(await ask('site/cam01%2Farchive')).toMatchObject({ error: { code: 'stream-unknown' } });
});

test('servers and streams are told as the API names them', async () => {
  const { app } = appWith();
  expect((await app.inject({ url: '/api/v1/servers' })).json()).toEqual({
    servers: [
      {
        name: 's01',
        self: true,
        state: 'alive',
        cause: null,
        lastHeardMs: 0,
        streams: 1,
        version: '0.1.0',
        incarnation: 7,
        configDigest: 'd1',
        clockSkewMs: 0,
        publicUrl: 'http://s01.example:8080',
      },
      {
        name: 's02',
        self: false,
        state: 'dead',
        cause: 'leave',
        lastHeardMs: 9000,
        streams: 0,
        version: null,
        incarnation: null,
        configDigest: null,
        clockSkewMs: null,
        publicUrl: 'http://s02.example:8080',
      },
    ],
  });
  expect((await app.inject({ url: '/api/v1/streams/site%2Fcam01' })).json()).toEqual({
    name: 'site/cam01',
    state: 'running',
    home: 's02',
    capturedBy: 's01',
    triedBy: null,
    standIn: true,
    sinceMs: 6000,
    lastFrameMs: 40,
    source: 'rtsp://***@10.0.0.5/main',
    bitrateBps: 4_000_000,
    lostSegmentsTotal: 3,
    tracks: [{ kind: 'video', codec: 'avc1.64001f', width: 1280, height: 720 }],
    error: null,
  });
});

test('verbs are done for this machine, whatever stands in the body', async () => {
  const { app, ports } = appWith();
  for (const verb of ['drain', 'undrain', 'reload']) {
    const answer = await app.inject({ method: 'POST', url: `/api/v1/${verb}`, ...local, payload: 'a=1' });
    expect([verb, answer.statusCode]).toEqual([verb, 200]);
  }
  expect(ports.verbs).toEqual(['drain', 'undrain', 'reload']);
});

test('verbs are refused to others before anything is done', async () => {
  const { app, ports } = appWith();
  const answer = await app.inject({ method: 'POST', url: '/api/v1/drain', remoteAddress: '10.0.0.9' });
  expect([answer.statusCode, answer.json().error.code]).toEqual([403, 'edit-from-loopback-only']);
  expect(ports.verbs).toEqual([]);
});

test.each(['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'])(
  'a proxy on this machine speaks for others: %s',
  async (name) => {
    const { app, ports } = appWith();
    const headers = { ...local.headers, [name]: '127.0.0.1' };
    const answer = await app.inject({ method: 'POST', url: '/api/v1/drain', remoteAddress: '127.0.0.1', headers });
    expect([answer.statusCode, answer.json().error.code]).toEqual([403, 'edit-from-loopback-only']);
    expect(ports.verbs).toEqual([]);
  },
);

test('nobody elsewhere becomes this machine by saying so', async () => {
  const { app, ports } = appWith();
  const headers = { ...local.headers, 'x-forwarded-for': '127.0.0.1' };
  const answer = await app.inject({ method: 'POST', url: '/api/v1/drain', remoteAddress: '10.0.0.9', headers });
  expect(answer.statusCode).toBe(403);
  expect(ports.verbs).toEqual([]);
});

test('a missing password asks for one', async () => {
  const { app, ports } = appWith({ editAuth: { user: 'admin', password: 'secret' } });
  const refused = await app.inject({ method: 'POST', url: '/api/v1/reload', ...local });
  expect([refused.statusCode, refused.headers['www-authenticate']]).toEqual([401, expect.stringContaining('Basic')]);
  const authorization = `Basic ${Buffer.from('admin:secret').toString('base64')}`;
  const allowed = await app.inject({ method: 'POST', url: '/api/v1/reload', headers: { authorization } });
  expect(allowed.statusCode).toBe(200);
  expect(ports.verbs).toEqual(['reload']);
});

test('a reload with errors tells all of them', async () => {
  const diagnostic = { severity: 'error', file: 'a.conf', line: 1, column: 2, message: 'no', hint: undefined } as const;
  const nothing = { streams: 1, changes: [], needsRestart: [] };
  const { app } = appWith({ reload: { applied: false, digest: 'd1', ...nothing, diagnostics: [diagnostic] } });
  const answer = await app.inject({ method: 'POST', url: '/api/v1/reload', ...local });
  expect(answer.statusCode).toBe(422);
  expect(answer.json().error).toMatchObject({
    code: 'config-invalid',
    detail: { diagnostics: [{ line: 1, hint: null }] },
  });
});

test('a reload tells what it changed', async () => {
  const { app } = appWith({
    reload: {
      applied: true,
      digest: 'd2',
      streams: 3,
      changes: [
        { kind: 'stream-added', name: 'c', directives: [] },
        { kind: 'setting-changed', name: undefined, directives: ['http'] },
      ],
      needsRestart: ['it listens elsewhere'],
      diagnostics: [],
    },
  });
  const answer = await app.inject({ method: 'POST', url: '/api/v1/reload', ...local });
  expect(reloadSchema.parse(answer.json())).toEqual({
    digest: 'd2',
    streams: 3,
    changes: [
      { kind: 'stream-added', name: 'c', directives: [] },
      { kind: 'setting-changed', name: null, directives: ['http'] },
    ],
    needsRestart: ['it listens elsewhere'],
    diagnostics: [],
  });
});

test.each(['booting', 'draining', 'minority', 'refused'] as const)('%s is not ready', async (readiness) => {
  const answer = await appWith({ readiness }).app.inject({ url: '/readyz' });
  expect([answer.statusCode, answer.json()]).toEqual([503, { status: readiness }]);
});

test.each([
  ['/api/v1/nothing', 404, 'not-found'],
  ['/api/v1/streams/other', 404, 'stream-unknown'],
  ['/api/v1/streams/%ff', 400, 'bad-request'],
  ['/api/v1/events?since=soon', 400, 'bad-request'],
])('%s fails in JSON that any page may read', async (url, status, code) => {
  const answer = await appWith().app.inject({ url });
  expect([answer.statusCode, errorSchema.parse(answer.json()).error.code]).toEqual([status, code]);
  expect(answer.headers).toMatchObject({ 'access-control-allow-origin': '*', 'cache-control': 'no-store' });
});
