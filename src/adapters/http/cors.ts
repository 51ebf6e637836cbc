/**
 * For a player on any page: everything that is read without credentials may be read from everywhere, errors and redirects too.
 * What changes state is not covered: see `api/edit-guard.ts`.
 */
export const corsHeaders = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'content-length, content-range, retry-after, date',
} as const;

/** The answer to a preflight; a day, for nothing of it depends on the request. */
export const preflightHeaders = {
  ...corsHeaders,
  'access-control-allow-methods': 'GET, HEAD, OPTIONS',
  'access-control-allow-headers': 'range, content-type, if-none-match',
  'access-control-max-age': '86400',
} as const;
