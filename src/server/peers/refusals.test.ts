import { expect, test } from 'vitest';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import { serverName } from '../../units/ids.ts';
import { Refusals } from './refusals.ts';

const [b, c] = [serverName('b'), serverName('c')];

test('one peer that refuses may be the one with the wrong key, however often it does', () => {
  const refusals = new Refusals(new ManualClock());
  expect(refusals.isRefused).toBe(false);
  refusals.note(b);
  refusals.note(b);
  expect(refusals.isRefused).toBe(false);
  refusals.note(c);
  expect(refusals.isRefused).toBe(true);
});

test('a refusal is forgotten when that peer refuses no more', async () => {
  const clock = new ManualClock();
  const refusals = new Refusals(clock);
  refusals.note(b);
  await clock.advance(ms(5_000));
  refusals.note(c);
  await clock.advance(ms(5_000));
  expect(refusals.isRefused).toBe(true);
  await clock.advance(ms(1));
  expect(refusals.isRefused).toBe(false);
});
