import { AppError } from '../units/app-error.ts';
import { parseDuration } from '../units/duration.ts';
import { type UnixMicros, unixMicros } from '../units/time.ts';

/** More at once is a job for the files in `state_dir`. */
const mostEvents = 10_000;
const defaultEvents = 1000;

/** Who asks without `since` wants last night, not the month. */
const defaultSpanMicros = 24 * 3_600_000_000;

/** Year, month and day at least: what JavaScript alone takes for a date is too much. */
const dateShape = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2})?)?$/;

export interface EventQuery {
  readonly since: UnixMicros;
  readonly limit: number;
}

/** Reads `?since=&limit=`; throws `bad-request` naming what was expected. */
export function parseEventQuery(query: URLSearchParams, now: UnixMicros): EventQuery {
  return { since: parseSince(query.get('since'), now), limit: parseLimit(query.get('limit')) };
}

function parseSince(text: string | null, now: UnixMicros): UnixMicros {
  if (text === null || text === '') return unixMicros(Math.max(0, now - defaultSpanMicros));
  const span = parseDuration(text);
  if (span !== undefined) return unixMicros(Math.max(0, Math.round(now - span * 1000)));
  const time = dateShape.test(text) ? Date.parse(text) : Number.NaN;
  // Not a time, or of a year that microseconds can't say.
  if (!Number.isSafeInteger(time * 1000)) {
    throw new AppError(
      'bad-request',
      'since is a span back from now such as 12h, or a time such as 2026-01-31T22:00:00Z',
    );
  }
  return unixMicros(time * 1000);
}

function parseLimit(text: string | null): number {
  if (text === null || text === '') return defaultEvents;
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > mostEvents) throw new AppError('bad-request', `limit is a number from 1 to ${mostEvents}`);
  return limit;
}
