import { expect, it } from 'vitest';
import { ticks, timescale90k } from '../../units/ticks.ts';
import { millis } from '../../units/time.ts';
import { firstPlace } from './first-place.ts';

const at = (seconds: number) => ticks(seconds * timescale90k);

it.each([
  { what: 'what was just published', end: 98, number: 48, since: 100.4, after: 48 },
  { what: 'what is too old to be the last', end: 94, number: 46, since: 100.4, after: 49 },
  { what: 'nothing that is known', end: undefined, number: undefined, since: 100.4, after: 49 },
  { what: 'higher numbers of another segment_duration', end: 60, number: 900, since: 100.4, after: 900 },
])('a capture begins behind $what', ({ end, number, since, after }) => {
  const last = { end: end === undefined ? undefined : at(end), number };
  expect(firstPlace(last, millis(2_000), at(since))).toEqual({ notBefore: last.end, numberAfter: after });
});
