import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { silentLog } from '../../../test/support/silent-log.ts';
import { errorSchema } from '../../api/schema.ts';
import { AppError } from '../../units/app-error.ts';
import type { LogFields } from '../../units/log.ts';
import { createApp } from './app.ts';

/** The whole answer to raw bytes. */
async function answerTo(bytes: string): Promise<{ head: string; body: unknown }> {
  const app = createApp(silentLog);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(bytes);
  const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
  await app.close();
  return { head, body: JSON.parse(body) };
}

describe('what is no request', () => {
  test.each([
    ['nonsense', 'HELLO\r\n\r\n', 400, 'bad-request'],
    ['an endless address', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 413, 'too-large'],
    ['a header that ends early', 'GET / HTTP/1.1\r\nHost: x\r\nA\rB: c\r\n\r\n', 400, 'bad-request'],
  ])('%s fails in JSON that any page may read', async (_case, bytes, status, code) => {
    const { head, body } = await answerTo(bytes);
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(head).toContain('access-control-allow-origin: *');
    expect(errorSchema.parse(body).error.code).toBe(code);
  });
});

test('a fault of the program is logged whole, and told without a word of it', async () => {
  const logged: (LogFields | undefined)[] = [];
  const failed: string[] = [];
  const app = createApp({ ...silentLog, error: (_message, fields) => void logged.push(fields) }, (code) =>
    failed.push(code),
  );
  app.get('/fault', () => {
    throw new TypeError('secret detail');
  });
  const answer = await app.inject({ url: '/fault' });
  expect([answer.statusCode, answer.json().error.code]).toEqual([500, 'internal']);
  expect(answer.body).not.toContain('secret');
  expect(JSON.stringify(logged)).toContain('secret detail');
  expect(failed).toEqual(['internal']);
});

test('an operating error tells its detail only when it is the client that can use it', async () => {
  const app = createApp(silentLog);
  app.get('/:code', (request) => {
    const { code } = request.params as { readonly code: 'bad-request' | 'disk-failed' };
    throw new AppError(code, 'why', { detail: { path: '/storage' } });
  });
  expect((await app.inject({ url: '/bad-request' })).json().error.detail).toEqual({ path: '/storage' });
  expect((await app.inject({ url: '/disk-failed' })).json().error.detail).toBeUndefined();
});

test('a body over the bound is refused', async () => {
  const app = createApp(silentLog);
  app.post('/', () => 'fine');
  const answer = await app.inject({ method: 'POST', url: '/', payload: { a: 'x'.repeat(70_000) } });
  expect([answer.statusCode, answer.json().error.code]).toEqual([413, 'too-large']);
});
