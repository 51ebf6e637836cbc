// RFC 7617 (Basic), RFC 7616 and RFC 2069 (Digest), as RFC 2326 takes them over from HTTP; HTTP sources use them too.

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** Lower-case hexadecimal; injected, for hashing is the platform's. */
export type HexHash = (algorithm: 'md5' | 'sha256', text: string) => string;

/** One way in which a server asks for credentials. Names are in lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly params: ReadonlyMap<string, string>;
}

export interface AuthorizedRequest {
  readonly credentials: Credentials;
  readonly method: string;
  /** As it stands in the request line. */
  readonly uri: string;
  readonly hash: HexHash;
  /** How often the nonce was used, this time included. */
  readonly count: number;
  /** Unpredictable, from the caller. */
  readonly clientNonce: string;
}

const challengePattern = /([\w-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s,]*)|([A-Za-z][\w-]*)/g;

/** All challenges of all `WWW-Authenticate` headers, in order; what can't be read is left out. */
export function parseChallenges(headers: readonly string[]): Challenge[] {
  const challenges: { scheme: string; params: Map<string, string> }[] = [];
  for (const header of headers) {
    for (const [, name, value, scheme] of header.matchAll(challengePattern)) {
      if (scheme !== undefined) challenges.push({ scheme: scheme.toLowerCase(), params: new Map() });
      else if (name !== undefined) challenges.at(-1)?.params.set(name.toLowerCase(), unquote(value ?? ''));
    }
  }
  return challenges;
}

/** The strongest challenge that can be answered: digest with SHA-256, with MD5, then basic. */
export function strongestChallenge(challenges: readonly Challenge[]): Challenge | undefined {
  return (
    challenges.find((challenge) => digestAlgorithm(challenge) === 'sha256') ??
    challenges.find((challenge) => digestAlgorithm(challenge) === 'md5') ??
    challenges.find((challenge) => challenge.scheme === 'basic')
  );
}

/** The `Authorization` header that answers a challenge of `strongestChallenge`. */
export function authorization(challenge: Challenge, request: AuthorizedRequest): string {
  if (challenge.scheme === 'basic') return basicAuthorization(request.credentials);
  const { credentials, uri, clientNonce } = request;
  const qop = offersAuth(challenge) ? 'auth' : undefined;
  const count = request.count.toString(16).padStart(8, '0');
  const fields = [
    `username="${quote(credentials.user)}"`,
    ...['realm', 'nonce'].map((name) => `${name}="${quote(challenge.params.get(name) ?? '')}"`),
    `uri="${quote(uri)}"`,
    `response="${digestResponse(challenge, request)}"`,
  ];
  for (const name of ['algorithm', 'opaque']) {
    const value = challenge.params.get(name);
    if (value !== undefined) fields.push(name === 'algorithm' ? `algorithm=${value}` : `opaque="${quote(value)}"`);
  }
  if (qop !== undefined) fields.push(`qop=${qop}`, `nc=${count}`, `cnonce="${clientNonce}"`);
  return `Digest ${fields.join(', ')}`;
}

export function basicAuthorization({ user, password }: Credentials): string {
  const bytes = new TextEncoder().encode(`${user}:${password}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

/** RFC 7616 clause 3.4.1: what proves the password. */
export function digestResponse(challenge: Challenge, request: AuthorizedRequest): string {
  const algorithm = digestAlgorithm(challenge) ?? 'md5';
  const hash = (text: string): string => request.hash(algorithm, text);
  const { credentials, method, uri, clientNonce } = request;
  const realm = challenge.params.get('realm') ?? '';
  const nonce = challenge.params.get('nonce') ?? '';
  let secret = hash(`${credentials.user}:${realm}:${credentials.password}`);
  if (isSession(challenge)) secret = hash(`${secret}:${nonce}:${clientNonce}`);
  const what = hash(`${method}:${uri}`);
  if (!offersAuth(challenge)) return hash(`${secret}:${nonce}:${what}`);
  const count = request.count.toString(16).padStart(8, '0');
  return hash(`${secret}:${nonce}:${count}:${clientNonce}:auth:${what}`);
}

function digestAlgorithm(challenge: Challenge): 'md5' | 'sha256' | undefined {
  if (challenge.scheme !== 'digest') return undefined;
  const name = (challenge.params.get('algorithm') ?? 'MD5').toUpperCase().replace(/-SESS$/, '');
  return name === 'MD5' ? 'md5' : name === 'SHA-256' ? 'sha256' : undefined;
}

function isSession(challenge: Challenge): boolean {
  return /-sess$/i.test(challenge.params.get('algorithm') ?? '');
}

function offersAuth(challenge: Challenge): boolean {
  return (challenge.params.get('qop') ?? '').split(/[\s,]+/).includes('auth');
}

function unquote(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value;
}

function quote(value: string): string {
  return value.replace(/["\\]/g, '\\$&');
}
