/**
 * A source's URL for eyes and logs: user, password and query values replaced. Total, and rather too careful: a password may hold
 * an unescaped `@`, `/` or `?`, so everything up to the last `@` goes. Query values go too, for cameras take `?password=` and
 * channels `?token=`.
 */
export function maskUrl(url: string): string {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(url)?.[0] ?? '';
  const at = url.lastIndexOf('@');
  const rest = at < scheme.length ? url.slice(scheme.length) : `***@${url.slice(at + 1)}`;
  const question = rest.indexOf('?');
  if (question < 0) return scheme + rest;
  const values = rest.slice(question + 1).replace(/(^|[&;])([^=&;]*)=[^&;]*/g, '$1$2=***');
  return `${scheme}${rest.slice(0, question)}?${values}`;
}
