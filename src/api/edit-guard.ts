import { AppError } from '../units/app-error.ts';
import { isLoopback } from '../units/loopback.ts';

/** What of a request tells who wants to change state. Header values as they came. */
export interface EditRequest {
  readonly remoteAddress: string | undefined;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined;
  readonly authorization: string | undefined;
  /** A header such as `Forwarded`, whatever it says: somebody speaks through a proxy on this machine. */
  readonly forwarded: boolean;
}

export interface EditGuard {
  readonly editAuth: { readonly user: string; readonly password: string } | undefined;
  /** In constant time. */
  readonly equalSecrets: (a: string, b: string) => boolean;
}

/**
 * Throws unless the request may change state: with `edit_auth` by its user and password, without from this machine only.
 * A browser carries stored passwords, and its place on this machine, along for any page; so pages of other sites are refused in both cases.
 */
export function assertMayEdit(request: EditRequest, guard: EditGuard): void {
  if (isFromOtherSite(request)) throw new AppError('cross-origin', 'a page of another site may not change state');
  if (guard.editAuth === undefined) assertLoopback(request);
  else assertPassword(request.authorization, guard.editAuth, guard.equalSecrets);
}

function isFromOtherSite({ origin, fetchSite, host }: EditRequest): boolean {
  if (fetchSite !== undefined && fetchSite !== 'same-origin' && fetchSite !== 'none') return true;
  if (origin === undefined) return false;
  return hostOfOrigin(origin) !== host?.toLowerCase();
}

function hostOfOrigin(origin: string): string | undefined {
  return /^https?:\/\/([^/]+)$/.exec(origin.toLowerCase())?.[1];
}

/** The host too must be this machine's: a foreign name that was made to point here (DNS rebinding) is same-origin to the browser. */
function assertLoopback({ remoteAddress, host, forwarded }: EditRequest): void {
  if (!forwarded && isLoopback(remoteAddress ?? '') && isLoopback(hostWithoutPort(host))) return;
  throw new AppError(
    'edit-from-loopback-only',
    'without edit_auth in the configuration, state is changed from the server itself only: ask it at 127.0.0.1',
  );
}

function hostWithoutPort(host = ''): string {
  return host
    .toLowerCase()
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1');
}

function assertPassword(
  authorization: string | undefined,
  { user, password }: { readonly user: string; readonly password: string },
  equalSecrets: EditGuard['equalSecrets'],
): void {
  const given = credentials(authorization);
  if (given !== undefined && equalSecrets(given, `${user}:${password}`)) return;
  throw new AppError('edit-auth-required', 'changing state needs the user and password of edit_auth');
}

/** RFC 7617: `Basic` and base64 of `user:password`. */
function credentials(authorization: string | undefined): string | undefined {
  const encoded = /^basic +([\w+/=-]+)$/i.exec(authorization ?? '')?.[1];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString();
}
