import type { Credentials } from '../../media/rtsp/auth.ts';
import { AppError } from '../../units/app-error.ts';
import { maskUrl } from '../../units/mask-url.ts';

/** A source's address without what must not be sent or shown in clear. */
export interface SourceUrl {
  /** The URL as configured, but without user and password: what goes on the wire. */
  readonly bare: string;
  readonly host: string;
  readonly port: number;
  readonly credentials: Credentials | undefined;
}

/**
 * Splits a URL. All but the credentials stays as it was written, for cameras compare request lines letter by letter.
 * Throws `source-protocol` when it has no host.
 */
export function parseSourceUrl(url: string, defaultPort: number): SourceUrl {
  const match = /^([a-z][a-z0-9+.-]*:\/\/)(?:([^/?#]*)@)?(\[[^\]]*\]|[^:/?#]*)(?::(\d+))?(.*)$/is.exec(url);
  const [, scheme = '', user, host = '', port, rest = ''] = match ?? [];
  if (host === '') throw new AppError('source-protocol', `${maskUrl(url)} has no host`);
  return {
    bare: `${scheme}${host}${port === undefined ? '' : `:${port}`}${rest}`,
    host: host.replace(/^\[|\]$/g, ''),
    port: port === undefined ? defaultPort : Number(port),
    credentials: user === undefined ? undefined : splitUser(user),
  };
}

function splitUser(text: string): Credentials {
  const at = text.indexOf(':');
  if (at < 0) return { user: decode(text), password: '' };
  return { user: decode(text.slice(0, at)), password: decode(text.slice(at + 1)) };
}

/** Operators paste passwords as they are; a `%` that escapes nothing stands for itself. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
