import { expect, test } from 'vitest';
import { s02, s03 } from '../../../test/support/fake-delivery.ts';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import type { ServerName } from '../../units/ids.ts';
import { Reach } from './reach.ts';

function bench() {
  const clock = new ManualClock();
  const asked: { server: ServerName; answer: (answers: boolean) => void }[] = [];
  const port = {
    answers: (server: ServerName) => new Promise<boolean>((answer) => asked.push({ server, answer })),
  };
  return { clock, asked, reach: new Reach(port, clock) };
}

test('a server is asked once for all who wait', async () => {
  const { reach, asked } = bench();
  const waiting = [reach.prove(s02), reach.prove(s02), reach.prove(s03)];
  expect(asked.map(({ server }) => server)).toEqual([s02, s03]);
  for (const { server, answer } of asked) answer(server === s02);
  expect(await Promise.all(waiting)).toEqual([true, true, false]);
  expect([reach.isProven(s02), reach.isProven(s03)]).toEqual([true, false]);
});

test('a sign of life counts for a moment', async () => {
  const { reach, asked, clock } = bench();
  const waiting = reach.prove(s02);
  await clock.advance(ms(100));
  asked[0]?.answer(true);
  await waiting;
  await clock.advance(ms(249));
  expect(reach.isProven(s02)).toBe(true);
  await clock.advance(ms(1));
  expect(reach.isProven(s02)).toBe(false);
});

test('a silent server is asked anew, twice a second at most', async () => {
  const { reach, asked, clock } = bench();
  const first = reach.prove(s02);
  asked[0]?.answer(false);
  expect(await first).toBe(false);
  await clock.advance(ms(100));
  const second = reach.prove(s02);
  await clock.advance(ms(399));
  expect(asked.length).toBe(1);
  await clock.advance(ms(1));
  asked[1]?.answer(true);
  expect(await second).toBe(true);
  expect(reach.isProven(s02)).toBe(true);
});
