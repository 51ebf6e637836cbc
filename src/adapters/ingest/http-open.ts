import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction, NetConnectOpts, Socket } from 'node:net';
import { authorization, type Credentials, parseChallenges, strongestChallenge } from '../../media/rtsp/auth.ts';
import { statusError } from '../../media/rtsp/status-error.ts';
import { AppError } from '../../units/app-error.ts';
import { maskUrl } from '../../units/mask-url.ts';
import { clientNonce, hexHash } from './hex-hash.ts';
import type { HttpAnswer } from './http-body.ts';
import { HttpConnection } from './http-connection.ts';
import { parseSourceUrl } from './source-url.ts';

/** A source is behind one or two; a longer chain is a loop. */
const mostRedirects = 5;

export interface OpenOptions {
  readonly signal: AbortSignal;
  readonly lookup: LookupFunction;
  /** Another request goes out. */
  readonly onStep: () => void;
}

/**
 * Opens an HTTP source: follows redirects, answers one challenge for credentials. The body is to be read in the same turn.
 * Rejects with an `AppError`, or with what the socket or the signal said.
 */
export async function openHttp(url: string, options: OpenOptions): Promise<HttpAnswer> {
  let target = parseSourceUrl(url, 0);
  let { credentials } = target;
  for (let hop = 0; hop <= mostRedirects; hop++) {
    const answer = await getAuthorized(target.bare, credentials, options);
    const location = redirectOf(answer.response);
    if (location === undefined) return checked(answer, target.bare);
    answer.response.destroy();
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
): Promise<HttpAnswer> {
  options.onStep();
  const answer = await get(url, undefined, options);
  const { response } = answer;
  if (response.statusCode !== 401 || credentials === undefined) return answer;
  const challenge = strongestChallenge(parseChallenges(response.headersDistinct['www-authenticate'] ?? []));
  if (challenge === undefined) return answer;
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
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const headers = {
      accept: '*/*',
      'user-agent': 'headwater',
      ...(authorizationHeader === undefined ? {} : { authorization: authorizationHeader }),
    };
    let connection: HttpConnection | undefined;
    const createConnection = (options: object): Socket => {
      connection = new HttpConnection(options as NetConnectOpts);
      return connection.socket;
    };
    // A connection of its own: an endless answer never gives it back to a pool. Any `agent`, be it false, would make the plain one itself.
    const request = isPlain(url)
      ? httpRequest(url, { headers, signal, lookup, createConnection })
      : httpsRequest(url, { agent: false, headers, signal, lookup });
    request.once('response', (response) => resolve({ response, connection }));
    request.on('error', reject);
    request.end();
  });
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

function checked(answer: HttpAnswer, url: string): HttpAnswer {
  const error = statusError(answer.response.statusCode ?? 0, url);
  if (error === undefined) return answer;
  answer.response.destroy();
  throw error;
}
