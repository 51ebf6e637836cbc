/** Longer texts are cut in messages: a diagnostic is read on one screen. */
const longestShown = 80;

/**
 * A word of the file for eyes: credentials of URLs masked, control characters (which could steer a terminal) replaced, cut.
 * Goes further than `maskUrl`, which masks URLs that are right: here the password may hold `/`, `?` or a blank, or the `@` be missing.
 */
export function shownText(text: string): string {
  const visible = maskCredentials(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{fffd}');
  return visible.length > longestShown ? `${visible.slice(0, longestShown)}…` : visible;
}

function maskCredentials(text: string): string {
  const slashes = text.indexOf('://');
  const start = slashes < 0 ? 0 : slashes + 3;
  const masked = maskQuery(maskUser(text.slice(start), slashes >= 0), slashes >= 0);
  const hasOpenPath = slashes < 0 || /(^|[^a-z])(rtsp|file)$/i.test(text.slice(0, slashes));
  return text.slice(0, start) + (hasOpenPath ? masked : maskPath(masked));
}

/** `/USER/PASSWORD/ID.ts`, and what a blank or a semicolon leaves of it. */
function maskPath(rest: string): string {
  return rest.replace(/^([^/]*\/)[^/]*\/.*$/s, '$1…');
}

/**
 * All up to the last `@`; all, when that may stand inside of a password in the path. Without one, in a URL: `user:pass` has lost it, for
 * only a port's digits may follow a colon.
 */
function maskUser(rest: string, isUrl: boolean): string {
  const at = rest.lastIndexOf('@');
  if (/[/?]/.test(rest.slice(0, Math.max(0, at)))) return '***';
  if (at >= 0) return `***${rest.slice(at)}`;
  const hasTornUser = isUrl && /^[^/?[]*?:(?!\d{0,5}(?:[/?"]|$))/.test(rest);
  return hasTornUser ? '***' : rest;
}

/** Queries: cameras take `?password=` and channels `?token=`. In a URL the `?` may be missing; in other words it may be a pattern's. */
function maskQuery(rest: string, isUrl: boolean): string {
  if (isUrl) return rest.replace(/[?=].*$/s, (query) => `${query.charAt(0)}***`);
  const from = rest.indexOf('?');
  return from < 0 ? rest : rest.slice(0, from) + rest.slice(from).replace(/=[^&]*/g, '=***');
}
