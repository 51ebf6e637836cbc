import { expect, test } from 'vitest';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import { silentLog } from '../../../test/support/silent-log.ts';
import type { LogFields } from '../../units/log.ts';
import { quietWarning } from './quiet-warning.ts';

function warnings() {
  const clock = new ManualClock();
  const told: (LogFields | undefined)[] = [];
  const warn = quietWarning({ ...silentLog, warn: (_, fields) => told.push(fields) }, clock);
  return { clock, told, warn };
}

test('is told once a minute, with how often it was not', async () => {
  const { clock, told, warn } = warnings();
  for (let i = 0; i < 1_000; i++) warn('refused', { why: 'stranger' }, { from: `x${i}` });
  expect(told).toEqual([{ why: 'stranger', from: 'x0' }]);
  await clock.advance(ms(60_000));
  warn('refused', { why: 'stranger' }, { from: 'y' });
  warn('refused', { why: 'signature' }, { from: 'y' });
  expect(told.slice(1)).toEqual([
    { why: 'stranger', from: 'y', untold: 999 },
    { why: 'signature', from: 'y' },
  ]);
});

test('does not become many by what makes it distinct', async () => {
  const { clock, told, warn } = warnings();
  const flood = () => {
    for (let i = 0; i < 100_000; i++) warn('refused', { from: `x${i}` });
  };
  flood();
  expect(told).toHaveLength(200);
  await clock.advance(ms(60_000));
  flood();
  expect(told).toHaveLength(400);
});
