import { ApiFailure } from './api-failure.ts';

/** Why a server did not answer, in words. `error` is what `fetch` rejected with; `server` holds no credentials any more. */
export function unanswered(server: URL, error: unknown, withinMs: number): ApiFailure {
  const at = server.origin;
  if (error instanceof Error && error.name === 'TimeoutError') {
    const why = 'it is frozen, overloaded, cut off or no Headwater server';
    return new ApiFailure(2, `no answer from ${at} within ${withinMs / 1000} s: ${why}`);
  }
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const known = meanings.find(({ codes }) => codes.test(code));
  if (known !== undefined) return new ApiFailure(2, known.message(server), { hint: known.hint });
  const message = cause instanceof Error ? cause.message : String(cause);
  if (message === 'bad port') return new ApiFailure(2, `${at} can't be asked: no HTTP client uses that port`);
  return new ApiFailure(2, `no answer from ${at}: ${code || message}`);
}

interface Meaning {
  readonly codes: RegExp;
  readonly message: (server: URL) => string;
  readonly hint?: string;
}

const meanings: readonly Meaning[] = [
  {
    codes: /^ECONNREFUSED$/,
    message: ({ origin }) => `nothing listens at ${origin}`,
    hint: 'is the server running there? The port is that of its peer line, else 8080',
  },
  { codes: /^(ENOTFOUND|EAI_AGAIN)$/, message: ({ hostname }) => `no address is known for the host ${hostname}` },
  {
    codes: /^(EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/,
    message: ({ origin }) => `no way to ${origin}: the machine is off, or a firewall is between`,
  },
  { codes: /^HPE_/, message: ({ origin }) => `${origin} is no Headwater server: it does not speak HTTP` },
  {
    codes: /^(UND_ERR_SOCKET|ECONNRESET|EPIPE)$/,
    message: ({ origin }) => `${origin} ends the connection without an answer: no Headwater server, or one that stops`,
  },
  {
    codes: /SSL|TLS|CERT|^EPROTO$/,
    message: ({ origin }) => `no encrypted connection to ${origin}`,
    hint: 'a server itself speaks http://',
  },
];
