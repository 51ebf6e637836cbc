/** Pairs `key=value` that say which picture of which camera it is, so that operators recognise it. */
const harmlessKeys: ReadonlySet<string> = new Set(
  `audio audiocodec bitrate cam camera ch channel channelid channelno chn codec compression encode encoding format fps framerate
  h26x height inst line media mode multicast output profile program proto protocol quality resolution size stream streamid streamindex
  streamno streamprofile streamtype subtype track trackid transport transportmode type unicast video videocodec width`.split(
    /\s+/,
  ),
);

/** Pairs whose value is hidden and whose key is not. Of all others the key is hidden, too: `=` may be a letter of a password. */
const secretKeys: ReadonlySet<string> = new Set(
  'access_token account api_key apikey auth hash key login pass passwd password pin psw pwd secret sig sign signature token user username usr'.split(
    ' ',
  ),
);

/** Words of a query that stand for themselves. */
const harmlessWords: ReadonlySet<string> = new Set(['', 'real_stream']);

/** `_` is one between the pairs of `user=admin_password=abc_channel=1`, elsewhere a letter like others. */
const border = new RegExp(`([/?&;#]|_(?=(?:${[...harmlessKeys, ...secretKeys].join('|')})=))`, 'i');

/** A host with or without a port, and nothing in front of it. */
const bareHost = /^(\[[^\]@]*\]|[^@:]*)(:\d{1,5})?$/;

/**
 * A source's URL for eyes and logs, without what may be secret: user and password; in path and query the values of all pairs but harmless
 * ones, and what could belong to them; a path's `user:password`; of HTTP all folders when there are several, for the panels of
 * providers have `/live/USER/PASSWORD/ID.ts`. What stays tells the camera: scheme, host, last segment, channel.
 * Total, and rather too careful: a password may hold an unescaped `@`, `/` or `?`, so that all that an `@` behind the host leaves in
 * doubt goes, too. A file's path is no secret.
 */
export function maskUrl(url: string): string {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(url)?.[0] ?? '';
  if (/^file:/i.test(scheme)) return url;
  const rest = url.slice(scheme.length);
  const authority = hostPart(rest);
  const at = rest.lastIndexOf('@');
  if (at < 0) return scheme + maskBehindHost(scheme, rest);
  if (at < authority.length) return `${scheme}***@${maskBehindHost(scheme, rest.slice(at + 1))}`;
  if (bareHost.test(authority)) return `${scheme}${authority}/***`;
  // Either the password or the path has an `@`: which host it is can't be known.
  if (authority.includes('@')) return `${scheme}***`;
  return `${scheme}***@${hostPart(rest.slice(at + 1))}/***`;
}

function hostPart(text: string): string {
  return /^[^/?#]*/.exec(text)?.[0] ?? '';
}

function maskBehindHost(scheme: string, text: string): string {
  const host = hostPart(text);
  const behind = text.slice(host.length);
  return host + maskPairs(/^https?:/i.test(scheme) ? withoutFolders(behind) : behind);
}

/** One folder says which stream it is, as in `/cam01/mpegts`; several may be a viewer's name and password. */
function withoutFolders(behind: string): string {
  const path = /^[^?#]*/.exec(behind)?.[0] ?? '';
  const [, ...segments] = path.split('/');
  return segments.length < 3 ? behind : `/…/${segments.at(-1)}${behind.slice(path.length)}`;
}

/** A hidden value goes on to the next pair with a known key, for a password may hold any border between pairs. */
function maskPairs(text: string): string {
  const [first = '', ...parts] = text.split(border);
  let masked = first;
  let inQuery = false;
  let inSecret = false;
  for (let i = 0; i < parts.length; i += 2) {
    const [separator = '', piece = ''] = parts.slice(i, i + 2);
    inQuery ||= separator === '?' || separator === '#';
    const key = /^([^=]*)=/.exec(piece)?.[1];
    if (isIn(harmlessKeys, key)) {
      inSecret = false;
      masked += separator + piece;
    } else if (isIn(secretKeys, key)) {
      inSecret = true;
      masked += `${separator}${key}=***`;
    } else if (!inSecret) {
      const shown = inQuery ? harmlessWords.has(piece) : !/[=:]/.test(piece);
      inSecret = !shown;
      masked += separator + (shown ? piece : '***');
    }
  }
  return masked;
}

function isIn(keys: ReadonlySet<string>, key: string | undefined): boolean {
  return key !== undefined && keys.has(key.toLowerCase());
}
