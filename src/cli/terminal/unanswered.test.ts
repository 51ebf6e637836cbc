import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { unanswered } from './unanswered.ts';

let close: () => void = () => {};
afterEach(() => close());

/** A program that speaks no HTTP, or what it does instead. */
async function listening(on: (socket: Socket) => void): Promise<URL> {
  const net = createServer(on);
  close = () => net.close();
  await new Promise<void>((resolve) => net.listen(0, '127.0.0.1', resolve));
  const address = net.address();
  return new URL(`http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`);
}

async function told(url: URL): Promise<string> {
  const error = await fetch(url).catch((rejected: unknown) => rejected);
  return unanswered(url, error, 5_000).message;
}

describe('what does not answer', () => {
  it('another program', async () => {
    const url = await listening((socket) => socket.on('error', () => {}).end('SSH-2.0-OpenSSH_9.2\r\n'));
    expect(await told(url)).toBe(`${url.origin} is no Headwater server: it does not speak HTTP`);
  });

  it('one that hangs up', async () => {
    const url = await listening((socket) => socket.destroy());
    expect(await told(url)).toMatch(/ends the connection without an answer/);
  });

  it('nobody', async () => {
    const url = await listening(() => {});
    close();
    expect(await told(url)).toBe(`nothing listens at ${url.origin}`);
  });

  it('a host without an address, a port that no client asks, a server that is asked for encryption', async () => {
    const unknown = new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ENOTFOUND' }) });
    const { message } = unanswered(new URL('http://nobody.invalid/'), unknown, 5_000);
    expect(message).toBe('no address is known for the host nobody.invalid');
    expect(await told(new URL('http://127.0.0.1:22/'))).toMatch(/no HTTP client uses that port/);
    const url = await listening((socket) => socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await told(new URL(`https://${url.host}/`))).toMatch(/^no encrypted connection/);
  });
});
