import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect, type LookupFunction, type NetConnectOpts, type Socket } from 'node:net';
import { authorization, type Credentials, parseChallenges, strongestChallenge } from '../../media/rtsp/auth.ts';
import { statusError } from '../../media/rtsp/status-error.ts';
import { AppError } from '../../units/app-error.ts';
import { maskUrl } from '../../units/mask-url.ts';
import { clientNonce, hexHash } from './hex-hash.ts';
import { parseSourceUrl } from './source-url.ts';

/** A source is behind one or two; a longer chain is a loop. */
const mostRedirects = 5;

/**
 * What plain connections of this thread read into, one after the other. Node would take 64 KB of new memory for each read, whatever it brings;
 * with a hundred sources their collection costs more than demuxing them. HTTP's parser hands bodies on as copies.
 */
const readBuffer = Buffer.allocUnsafeSlow(256 * 1024);

export interface OpenOptions {
  readonly signal: AbortSignal;
  readonly lookup: LookupFunction;
  /** Another request goes out. */
  readonly onStep: () => void;
}

/**
 * Opens an HTTP source: follows redirects, answers one challenge for credentials. The body has not been read yet.
 * Rejects with an `AppError`, or with what the socket or the signal said.
 */
export async function openHttp(url: string, options: OpenOptions): Promise<IncomingMessage> {
  let target = parseSourceUrl(url, 0);
  let { credentials } = target;
  for (let hop = 0; hop <= mostRedirects; hop++) {
    const response = await getAuthorized(target.bare, credentials, options);
    const location = redirectOf(response);
    if (location === undefined) return checked(response, target.bare);
    response.destroy();
    const next = parseSourceUrl(new URL(location, target.bare).href, 0);
    // Credentials are for the server that they were configured for.
    credentials = next.credentials ?? (next.host === target.host ? credentials : undefined);
    target = next;
  }
  throw new AppError('source-protocol', `${maskUrl(url)} redirects more than ${mostRedirects} times`);
}

async function getAuthorized(
  url: string,
  credentials: Credentials | undefined,
  options: OpenOptions,
): Promise<IncomingMessage> {
  options.onStep();
  const response = await get(url, undefined, options);
  if (response.statusCode !== 401 || credentials === undefined) return response;
  const challenge = strongestChallenge(parseChallenges(response.headersDistinct['www-authenticate'] ?? []));
  if (challenge === undefined) return response;
  response.destroy();
  options.onStep();
  const { pathname, search } = new URL(url);
  const uri = `${pathname}${search}`;
  const request = { credentials, method: 'GET', uri, hash: hexHash, count: 1, clientNonce: clientNonce() };
  return get(url, authorization(challenge, request), options);
}

function get(
  url: string,
  authorizationHeader: string | undefined,
  { signal, lookup }: OpenOptions,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = {
      accept: '*/*',
      'user-agent': 'headwater',
      ...(authorizationHeader === undefined ? {} : { authorization: authorizationHeader }),
    };
    // A connection of its own: an endless answer never gives it back to a pool.
    const request = isPlain(url)
      ? httpRequest(url, { agent: false, headers, signal, lookup, createConnection })
      : httpsRequest(url, { agent: false, headers, signal, lookup });
    request.once('response', resolve);
    request.on('error', reject);
    request.end();
  });
}

function createConnection(options: object): Socket {
  const socket: Socket = connect({
    ...(options as NetConnectOpts),
    onread: {
      buffer: readBuffer,
      callback: (length): boolean => {
        socket.emit('data', readBuffer.subarray(0, length));
        return true;
      },
    },
  });
  return socket;
}

function isPlain(url: string): boolean {
  if (/^http:/i.test(url)) return true;
  if (/^https:/i.test(url)) return false;
  throw new AppError('source-protocol', `${maskUrl(url)} is not HTTP`);
}

function redirectOf(response: IncomingMessage): string | undefined {
  const isRedirect = [301, 302, 303, 307, 308].includes(response.statusCode ?? 0);
  return isRedirect ? response.headers.location : undefined;
}

function checked(response: IncomingMessage, url: string): IncomingMessage {
  const error = statusError(response.statusCode ?? 0, url);
  if (error === undefined) return response;
  response.destroy();
  throw error;
}
