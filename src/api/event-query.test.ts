import { expect, test } from 'vitest';
import { unixMicros } from '../units/time.ts';
import { parseEventQuery } from './event-query.ts';

const now = unixMicros(Date.UTC(2026, 0, 31, 12) * 1000);
const parse = (query: string) => parseEventQuery(new URLSearchParams(query), now);
const at = (iso: string): number => Date.parse(iso) * 1000;

test.each([
  ['', '2026-01-30T12:00:00Z', 1000],
  ['since=12h', '2026-01-31T00:00:00Z', 1000],
  ['since=90&limit=5', '2026-01-31T11:58:30Z', 5],
  ['since=1h30m', '2026-01-31T10:30:00Z', 1000],
  ['since=1d2h3m4s500ms', '2026-01-30T09:56:55.500Z', 1000],
  ['since=1.5h30m', '2026-01-31T10:00:00Z', 1000],
  ['since=2026-01-30', '2026-01-30T00:00:00Z', 1000],
  ['since=2026-01-31T01:00:00%2B01:00', '2026-01-31T00:00:00Z', 1000],
  ['since=2026-01-31T03:15', '2026-01-31T03:15:00Z', 1000],
  ['since=2026-01-31 03:15:07.5', '2026-01-31T03:15:07.500Z', 1000],
  ['since=03:15', '2026-01-31T03:15:00Z', 1000],
  ['since=12:00', '2026-01-31T12:00:00Z', 1000],
  ['since=22:00:30', '2026-01-30T22:00:30Z', 1000],
  ['since=99999999d', '1970-01-01T00:00:00Z', 1000],
])('%s', (query, since, limit) => {
  expect(parse(query)).toEqual({ since: at(since), until: undefined, limit });
});

test.each([
  ['since=22:00&until=23:30', '2026-01-30T23:30:00Z'],
  ['until=1h30m', '2026-01-31T10:30:00Z'],
  ['until=2026-01-31T03:00:00Z', '2026-01-31T03:00:00Z'],
  ['until=2026-02-28', '2026-02-28T00:00:00Z'],
])('%s', (query, until) => {
  expect(parse(query).until).toBe(at(until));
});

test.each([
  'since=yesterday',
  'since=2026-13-01',
  'since=9999-01-01',
  'since=12 h',
  'since=1h30',
  'since=24:00',
  'since=12:60',
  'since=2026-01-31T25:00',
  'until=later',
  'limit=0',
  'limit=10001',
  'limit=-1',
  'limit=ten',
])('%s is refused', (query) => {
  expect(() => parse(query)).toThrow(/since is|until is|limit is/);
});

test('an end before the begin is refused', () => {
  expect(() => parse('since=1h&until=2h')).toThrow('until lies before since');
});
