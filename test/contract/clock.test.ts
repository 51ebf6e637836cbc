import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/adapters/clock.ts';
import type { Clock } from '../../src/units/clock.ts';
import { after, type Instant } from '../../src/units/time.ts';
import { ManualClock, ms } from '../support/manual-clock.ts';

const manual = new ManualClock();
const soon = (clock: Clock): Instant => after(clock.monotonic(), ms(20));

/** The real clock and the one of the tests; `pass` lets some time go by. */
describe.each([
  { name: 'the system clock', clock: systemClock, pass: (span: number) => systemClock.sleep(ms(span)) },
  { name: 'the manual clock', clock: manual, pass: (span: number) => manual.advance(ms(span)) },
])('$name', ({ clock, pass }) => {
  test('fires a timer once, when it is due', async () => {
    const due = soon(clock);
    const fired: number[] = [];
    clock.setTimer(due, () => fired.push(clock.monotonic()));
    await pass(60);
    expect(fired).toHaveLength(1);
    expect(fired[0]).toBeGreaterThanOrEqual(due);
  });

  test('fires none early, by however little', async () => {
    const early: number[] = [];
    for (let span = 0; span < 100; span += 0.3) {
      const due = after(clock.monotonic(), ms(span));
      clock.setTimer(due, () => {
        if (clock.monotonic() < due) early.push(due - clock.monotonic());
      });
    }
    await pass(150);
    expect(early).toEqual([]);
  });

  test('fires no timer that was cancelled', async () => {
    let fired = false;
    const due = soon(clock);
    const cancel = clock.setTimer(due, () => (fired = true));
    cancel();
    await pass(60);
    expect(fired).toBe(false);
  });

  test('a sleep that is over listens to its signal no more', async () => {
    const { signal } = new AbortController();
    const sleeping = clock.sleep(ms(20), signal);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await pass(60);
    await sleeping;
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('a sleep ends with the reason of its signal, before or during it', async () => {
    const abort = new AbortController();
    const sleeping = clock.sleep(ms(10_000), abort.signal);
    abort.abort('enough');
    await expect(sleeping).rejects.toBe('enough');
    await expect(clock.sleep(ms(10_000), abort.signal)).rejects.toBe('enough');
    expect(getEventListeners(abort.signal, 'abort')).toHaveLength(0);
  });
});
