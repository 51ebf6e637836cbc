import { maskUrl } from '../../units/mask-url.ts';

/** Longer texts are cut in messages: a diagnostic is read on one screen. */
const longestShown = 80;

/**
 * A word of the file for eyes: credentials of URLs masked, control characters (which could steer a terminal) replaced, cut.
 * Masks more than `maskUrl` does, because here the URL may be broken: a password that holds `/`, `?` or a blank.
 */
export function shownText(text: string): string {
  const visible = maskCredentials(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{fffd}');
  return visible.length > longestShown ? `${visible.slice(0, longestShown)}…` : visible;
}

function maskCredentials(text: string): string {
  const scheme = /^"?(?:[a-z][a-z0-9+.-]*=)?"?[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0] ?? '';
  const rest = text.slice(scheme.length);
  const at = rest.lastIndexOf('@');
  if (at >= 0) return maskUrl(`${scheme}***@${rest.slice(at + 1)}`);
  if (scheme === '') return text;
  // `user:pass` whose `@` was cut off by a character that needs quotes; only digits (or a bracket, IPv6) may follow a colon.
  const cut = /^[^/?[]*?:(?!\d{0,5}(?:[/?"]|$))/.exec(rest);
  return cut === null ? maskUrl(text) : `${scheme}***`;
}
