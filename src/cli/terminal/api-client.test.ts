import { createServer, type IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ApiClient } from './api-client.ts';

const schema = z.object({ ok: z.boolean() });
let close: () => void = () => {};
afterEach(() => close());

async function server(
  status: number,
  body: string,
): Promise<{ readonly port: number; readonly seen: IncomingMessage[] }> {
  const seen: IncomingMessage[] = [];
  const http = createServer((request, response) => {
    seen.push(request);
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  close = () => http.close();
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address = http.address();
  return { port: typeof address === 'object' && address !== null ? address.port : 0, seen };
}

describe('the client of the API', () => {
  it('takes credentials from the URL or the environment, and never sends them in the path', async () => {
    const { port, seen } = await server(200, '{"ok":true}');
    await new ApiClient(`http://us%40er:pa:ss@127.0.0.1:${port}`, {}).get('/x', schema);
    await new ApiClient(`127.0.0.1:${port}`, { HEADWATER_EDIT_AUTH: 'u:p' }).get('/x', schema);
    expect(seen.map((request) => atob(request.headers.authorization?.slice(6) ?? ''))).toEqual(['us@er:pa:ss', 'u:p']);
    expect(seen[0]?.url).toBe('/x');
  });

  it('sends credentials in UTF-8, whatever their characters', async () => {
    const { port, seen } = await server(200, '{"ok":true}');
    await new ApiClient(`http://us%C3%A9r:%E9%8D%B5@127.0.0.1:${port}`, {}).get('/x', schema);
    await new ApiClient(`127.0.0.1:${port}`, { HEADWATER_EDIT_AUTH: 'usér:鍵' }).get('/x', schema);
    const sent = seen.map((request) => Buffer.from(request.headers.authorization?.slice(6) ?? '', 'base64').toString());
    expect(sent).toEqual(['usér:鍵', 'usér:鍵']);
  });

  it.each(['u%zz:secret', 'u:secret%', 'u:secret%ff'])('refuses badly escaped credentials as input', (credentials) => {
    const failure = thrownBy(() => new ApiClient(`http://${credentials}@127.0.0.1:1`, {}));
    expect(failure).toMatchObject({ exitCode: 1, message: expect.stringContaining('%25') });
    expect(String(failure)).not.toContain('secret');
  });

  it('takes what it asked for with status 503, as of a server that is not ready', async () => {
    const { port } = await server(503, '{"ok":true}');
    expect(await new ApiClient(`http://127.0.0.1:${port}`, {}).get('/x', schema)).toEqual({ ok: true });
  });

  it.each([
    [401, '{"error":{"code":"edit-auth-required","message":"who are you"}}', 1, 'who are you'],
    [503, '{"error":{"code":"server-overloaded","message":"later"}}', 2, 'later'],
    [502, '<h1>Bad Gateway</h1>', 2, 'is no Headwater server, or a proxy in front of one: status 502 for /x'],
    [200, '{"ok":"maybe"}', 2, 'is no Headwater server'],
  ])('tells a failure of status %i', async (status, body, exitCode, message) => {
    const { port } = await server(status, body);
    const asked = new ApiClient(`http://u:secret@127.0.0.1:${port}`, {}).get('/x', schema);
    const failure = await asked.catch((error: unknown) => error);
    expect(failure).toMatchObject({ exitCode, message: expect.stringContaining(message) });
    expect(String(failure)).not.toContain('secret');
  });

  it.each([
    [undefined, 'HEADWATER_EDIT_AUTH=USER:PASSWORD'],
    ['u:wrong', 'are others'],
  ])('hints at what a refused verb wants, with %s given', async (given, hint) => {
    const { port } = await server(401, '{"error":{"code":"edit-auth-required","message":"who are you"}}');
    const asked = new ApiClient(`127.0.0.1:${port}`, { HEADWATER_EDIT_AUTH: given }).post('/x', schema);
    await expect(asked).rejects.toMatchObject({ exitCode: 1, hint: expect.stringContaining(hint) });
  });

  it('tells when nobody answers, without the credentials', async () => {
    const asked = new ApiClient('http://u:secret@127.0.0.1:1', {}).get('/x', schema);
    const failure = await asked.catch((error: unknown) => error);
    expect(failure).toMatchObject({ exitCode: 2, message: expect.stringContaining('127.0.0.1:1') });
    expect(String(failure)).not.toContain('secret');
  });

  it.each(['http://', 'ftp://x', 'http://[', 'a b'])('refuses %j as no URL', (url) => {
    expect(() => new ApiClient(url, {})).toThrow(/no URL/);
  });
});

function thrownBy(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

describe('a server that does not answer', () => {
  it('is told of in words, and soon', async () => {
    const http = createServer(() => {});
    close = () => {
      http.close();
      http.closeAllConnections();
    };
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const address = http.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(new ApiClient(`127.0.0.1:${port}`, {}).get('/x', schema)).rejects.toThrow(
      /no answer from .* within 5 s: it is frozen/,
    );
  });
});
