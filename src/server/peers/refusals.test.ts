import { expect, test } from 'vitest';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import { Refusals } from './refusals.ts';

test('a refusal is forgotten when nobody refuses any more', async () => {
  const clock = new ManualClock();
  const refusals = new Refusals(clock);
  expect(refusals.lately).toBe(false);
  refusals.note();
  await clock.advance(ms(10_000));
  expect(refusals.lately).toBe(true);
  await clock.advance(ms(1));
  expect(refusals.lately).toBe(false);
});
