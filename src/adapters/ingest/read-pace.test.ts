import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import { ReadPace, ring, standStill } from './read-pace.ts';

/** A pace whose rests are noted and take no time. */
function paced() {
  const clock = new ManualClock();
  const bell = new Int32Array(new SharedArrayBuffer(4));
  const rests: { readonly most: number; readonly heard: number }[] = [];
  const pace = new ReadPace({ clock, bell, wait: (_, heard, most) => void rests.push({ most, heard }) });
  /** A turn of the loop that reads so many sockets. */
  const reads = async (sockets: number): Promise<void> => {
    for (let i = 0; i < sockets; i++) pace.read();
    await turn();
  };
  return { clock, bell, pace, rests, reads };
}

test('one rest for all sockets of a turn, up to the time of the next look', async () => {
  const { clock, rests, reads } = paced();
  await clock.advance(ms(1_000));
  await reads(50);
  await clock.advance(ms(35));
  await reads(50);
  await clock.advance(ms(79));
  await reads(1);
  expect(rests.map(({ most }) => most)).toEqual([45, 1]);
});

test('a turn that took longer has no rest behind it, and neither has the first', async () => {
  const { clock, rests, reads } = paced();
  await clock.advance(ms(1_000));
  await reads(1);
  await clock.advance(ms(80));
  await reads(1);
  expect(rests).toEqual([]);
});

test('a turn without reading has none', async () => {
  const { rests } = paced();
  await turn();
  expect(rests).toEqual([]);
});

test('who waits for an answer is not delayed', async () => {
  const { clock, pace, rests, reads } = paced();
  await clock.advance(ms(1_000));
  await reads(1);
  pace.asked();
  await clock.advance(ms(10));
  await reads(1);
  expect(rests).toEqual([]);
  await clock.advance(ms(190));
  await reads(1);
  await clock.advance(ms(10));
  await reads(1);
  expect(rests.map(({ most }) => most)).toEqual([70]);
});

test('a bell rung since the last rest makes the next one end at once', async () => {
  const { clock, bell, rests, reads } = paced();
  await clock.advance(ms(1_000));
  await reads(1);
  ring(bell);
  await reads(1);
  const [rest] = rests;
  expect(rest?.heard).not.toBe(bell[0]);
  const before = performance.now();
  standStill(bell, rest?.heard ?? Number.NaN, ms(60_000));
  expect(performance.now() - before).toBeLessThan(30_000);
  await reads(1);
  expect(rests[1]?.heard).toBe(bell[0]);
});
