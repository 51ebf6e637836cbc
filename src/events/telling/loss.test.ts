import { expect, test } from 'vitest';
import { ticks } from '../../units/ticks.ts';
import { addLoss, lossBetween } from './loss.ts';

const at = (seconds: number) => ticks(seconds * 90_000);

test('a loss says how much is missing, from when to when', () => {
  expect(lossBetween(at(100), at(101.5))).toEqual({ lostMs: 1_500, lostFrom: 100_000_000, lostTo: 101_500_000 });
  const odd = lossBetween(ticks(9_000_044), ticks(9_135_046));
  expect(odd).toEqual({ lostMs: 1_501, lostFrom: 100_000_000, lostTo: 101_501_000 });
  expect(lossBetween(at(100), at(100))).toEqual({ lostMs: 0 });
  expect(lossBetween(at(100), at(99))).toEqual({ lostMs: 0 });
  expect(lossBetween(undefined, at(99))).toEqual({});
  expect(lossBetween(at(99), undefined)).toEqual({});
});

test('losses together reach from the first to the last', () => {
  const [first, last] = [lossBetween(at(10), at(11)), lossBetween(at(20), at(22))];
  const both = { lostMs: 3_000, lostFrom: 10_000_000, lostTo: 22_000_000 };
  expect(addLoss(first, last)).toEqual(both);
  expect(addLoss(last, first)).toEqual(both);
  expect(addLoss({ lostMs: 0 }, last)).toEqual(last);
  expect(addLoss({ lostMs: 0 }, { lostMs: 0 })).toEqual({ lostMs: 0 });
  expect(addLoss(first, {})).toEqual({});
});
