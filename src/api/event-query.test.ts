import { expect, test } from 'vitest';
import { unixMicros } from '../units/time.ts';
import { parseEventQuery } from './event-query.ts';

const now = unixMicros(Date.UTC(2026, 0, 31, 12) * 1000);
const parse = (query: string) => parseEventQuery(new URLSearchParams(query), now);
const at = (iso: string): number => Date.parse(iso) * 1000;

test.each([
  ['', at('2026-01-30T12:00:00Z'), 1000],
  ['since=12h', at('2026-01-31T00:00:00Z'), 1000],
  ['since=90&limit=5', at('2026-01-31T11:58:30Z'), 5],
  ['since=2026-01-30', at('2026-01-30T00:00:00Z'), 1000],
  ['since=2026-01-31T01:00:00%2B01:00', at('2026-01-31T00:00:00Z'), 1000],
  ['since=99999999d', 0, 1000],
])('%s', (query, since, limit) => {
  expect(parse(query)).toEqual({ since, limit });
});

test.each([
  'since=yesterday',
  'since=2026-13-01',
  'since=9999-01-01',
  'since=12 h',
  'limit=0',
  'limit=10001',
  'limit=-1',
  'limit=ten',
])('%s is refused', (query) => {
  expect(() => parse(query)).toThrow(/since is|limit is/);
});
