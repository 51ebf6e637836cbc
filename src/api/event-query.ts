import { AppError } from '../units/app-error.ts';
import { parseDuration } from '../units/duration.ts';
import { type UnixMicros, unixMicros } from '../units/time.ts';

/** More at once is a job for the files in `state_dir`. */
const mostEvents = 10_000;
const defaultEvents = 1000;

/** Who asks without `since`, here or at the command line, wants last night, not the month. */
export const defaultSince = '24h';

/** Year, month and day at least: what JavaScript alone takes for a date is too much. */
const dateShape = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:\d{2})?)?$/;

/** A time of today, or of yesterday when that is still to come. */
const clockShape = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/;

/** `1h30m`: several of what `parseDuration` reads, with their units. */
const compoundShape = /^(?:\d+(?:\.\d+)?(?:ms|[smhd])){2,}$/;

const dayMs = 86_400_000;

export interface EventQuery {
  readonly since: UnixMicros;
  readonly until: UnixMicros | undefined;
  readonly limit: number;
}

/** Reads `?since=&until=&limit=`; throws `bad-request` naming what was expected. All times are UTC. */
export function parseEventQuery(query: URLSearchParams, now: UnixMicros): EventQuery {
  const since = parseMoment('since', query.get('since') || defaultSince, now);
  const last = query.get('until');
  const until = last === null || last === '' ? undefined : parseMoment('until', last, now);
  if (until !== undefined && until < since) throw new AppError('bad-request', 'until lies before since');
  return { since, until, limit: parseLimit(query.get('limit')) };
}

/** Reads `?from=&to=`, written as `since` and `until`. */
export function parseSpanQuery(
  query: URLSearchParams,
  now: UnixMicros,
): { readonly from: UnixMicros; readonly to: UnixMicros } {
  const from = parseMoment('from', query.get('from') || defaultSince, now);
  const last = query.get('to');
  const to = last === null || last === '' ? now : parseMoment('to', last, now);
  if (to < from) throw new AppError('bad-request', 'to lies before from');
  return { from, to };
}

function parseMoment(what: 'since' | 'until' | 'from' | 'to', text: string, now: UnixMicros): UnixMicros {
  const nowMs = now / 1000;
  const span = parseSpan(text);
  const time = span === undefined ? (clockTime(text, nowMs) ?? dateTime(text)) : Math.max(0, nowMs - span);
  const micros = Math.round((time ?? Number.NaN) * 1000);
  // Not a time, or of a year that microseconds can't say.
  if (!Number.isSafeInteger(micros)) {
    throw new AppError(
      'bad-request',
      `${what} is a span back from now such as 12h or 1h30m, or a time (UTC) such as 03:15 or 2026-01-31T22:00:00Z`,
    );
  }
  return unixMicros(micros);
}

/** Milliseconds. */
function parseSpan(text: string): number | undefined {
  if (!compoundShape.test(text)) return parseDuration(text);
  const parts = text.match(/\d+(?:\.\d+)?(?:ms|[smhd])/g) ?? [];
  return parts.reduce((sum, part) => sum + (parseDuration(part) ?? Number.NaN), 0);
}

/** Milliseconds since 1970. */
function clockTime(text: string, nowMs: number): number | undefined {
  const match = clockShape.exec(text);
  if (match === null) return undefined;
  const [, hours, minutes, seconds = 0] = match;
  const today =
    Math.floor(nowMs / dayMs) * dayMs + (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
  return today <= nowMs ? today : today - dayMs;
}

/** Milliseconds since 1970; without a zone it is UTC, as everything that is told. */
function dateTime(text: string): number | undefined {
  const match = dateShape.exec(text);
  if (match === null) return undefined;
  const [, date, time, zone = 'Z'] = match;
  return Date.parse(time === undefined ? `${date}` : `${date}T${time}${zone}`);
}

function parseLimit(text: string | null): number {
  if (text === null || text === '') return defaultEvents;
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > mostEvents) throw new AppError('bad-request', `limit is a number from 1 to ${mostEvents}`);
  return limit;
}
