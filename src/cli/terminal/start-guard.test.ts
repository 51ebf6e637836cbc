import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import { Signals } from './signals.ts';
import { StartGuard } from './start-guard.ts';

function starting() {
  const process = new EventEmitter();
  const clock = new ManualClock();
  let endings = 0;
  const guard = new StartGuard(new Signals(process), clock, () => {
    endings += 1;
  });
  const signal = (): Promise<void> => {
    process.emit('SIGTERM');
    return clock.advance(ms(0));
  };
  return { clock, guard, signal, endings: () => endings };
}

it('a start that hangs is ended a while after the first signal', async () => {
  const { clock, signal, endings } = starting();
  await signal();
  await clock.advance(ms(4_900));
  expect(endings()).toBe(0);
  await clock.advance(ms(200));
  expect(endings()).toBe(1);
});

it('a start that hangs is ended at once by the second', async () => {
  const { signal, endings } = starting();
  await signal();
  await signal();
  expect(endings()).toBe(1);
});

it('what has started by then leaves in its own way', async () => {
  const { clock, guard, signal, endings } = starting();
  await signal();
  guard.started();
  await guard.asked;
  await clock.advance(ms(60_000));
  await signal();
  await guard.askedAgain;
  expect(endings()).toBe(0);
});
