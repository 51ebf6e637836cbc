import { expect, it } from 'vitest';
import { ticks, timescale90k } from '../../units/ticks.ts';
import { millis } from '../../units/time.ts';
import { firstPlace } from './first-place.ts';

const at = (seconds: number) => ticks(seconds * timescale90k);

it.each([
  { what: 'what was just published', end: 98, number: 48, since: 100.4, after: 48 },
  { what: 'what is too old to be the last', end: 94, number: 46, since: 100.4, after: 50 },
  { what: 'nothing that is known', end: undefined, number: undefined, since: 100.4, after: 50 },
  { what: 'higher numbers of another segment_duration', end: 60, number: 900, since: 100.4, after: 900 },
])('a capture that guesses begins behind $what', ({ end, number, since, after }) => {
  const last = { end: end === undefined ? undefined : at(end), number };
  expect(firstPlace(last, millis(2_000), at(since), 'guessed')).toEqual({ notBefore: last.end, numberAfter: after });
});

it('a capture that was told the last one goes on with the next number, whatever time has reached', () => {
  const place = firstPlace({ end: at(90), number: 44 }, millis(2_000), at(100.4), 'told');
  expect(place).toEqual({ notBefore: at(90), numberAfter: 44, isLast: true });
});

it.each([
  { what: 'nothing is known', end: undefined, number: undefined },
  { what: 'only an older one is known', end: at(100), number: 49 },
])('whom its predecessor does not answer leaves out what that may have ended early, where $what', ({ end, number }) => {
  const last = { end, number };
  expect(firstPlace(last, millis(2_000), at(100.4), 'untold')).toEqual({ notBefore: end, numberAfter: 50 });
});
