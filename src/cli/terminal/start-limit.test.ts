import { expect, it } from 'vitest';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import { StartLimit } from './start-limit.ts';

function starting() {
  const clock = new ManualClock();
  const overdue: string[] = [];
  const limit = new StartLimit('the folder', { clock, limit: ms(1_000), overdue: (step) => overdue.push(step) });
  return { clock, limit, overdue };
}

it('names the step that a start hangs in', async () => {
  const { clock, limit, overdue } = starting();
  limit.begins('the workers');
  await clock.advance(ms(900));
  expect(overdue).toEqual([]);
  await clock.advance(ms(200));
  expect(overdue).toEqual(['the workers']);
});

it('has nothing to say of one that was over in time', async () => {
  const { clock, limit, overdue } = starting();
  limit.over();
  await clock.advance(ms(5_000));
  expect(overdue).toEqual([]);
});
