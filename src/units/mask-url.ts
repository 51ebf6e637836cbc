/**
 * A source's URL for eyes and logs: user, password and query values replaced. Total: text that is no URL loses all up to its `@`.
 * Query values go too, for cameras take `?password=` and channels `?token=`.
 */
export function maskUrl(url: string): string {
  const [beforeQuery = '', query] = splitOnce(url, '?');
  // The last @ of the authority: a password may hold an unescaped one.
  const masked = beforeQuery.replace(
    /^([a-z][a-z0-9+.-]*:\/\/)?([^/]*)@/i,
    (_, scheme: string | undefined) => `${scheme ?? ''}***@`,
  );
  if (query === undefined) return masked;
  return `${masked}?${query.replace(/(^|&)([^=&]*)=[^&]*/g, '$1$2=***')}`;
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
