import { expect, test } from 'vitest';
import { s01, s02, s03 } from '../../../test/support/fake-delivery.ts';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import type { ServerName } from '../../units/ids.ts';
import { Reach } from './reach.ts';

interface Question {
  readonly server: ServerName;
  readonly by: ServerName | undefined;
  readonly answer: (answers: boolean) => void;
}

function bench(live: readonly ServerName[] = [s01, s02]) {
  const clock = new ManualClock();
  const asked: Question[] = [];
  const port = {
    answers: (server: ServerName, by?: ServerName) =>
      new Promise<boolean>((answer) => asked.push({ server, by, answer })),
  };
  /** Answers all questions that wait and those that follow from them. */
  const answer = async (answers: (question: Question) => boolean): Promise<void> => {
    for (const question of asked.splice(0)) question.answer(answers(question));
    await clock.advance(ms(0));
    if (asked.length > 0) await answer(answers);
  };
  return { clock, asked, answer, reach: new Reach(port, { self: s01, liveServers: () => live }, clock) };
}

test('a server is asked once for all who wait', async () => {
  const { reach, asked, answer } = bench();
  const waiting = [reach.find(s02), reach.find(s02), reach.find(s03)];
  expect(asked.map(({ server }) => server)).toEqual([s02, s03]);
  await answer(({ server }) => server === s02);
  expect(await Promise.all(waiting)).toEqual([s02, s02, undefined]);
  expect([reach.known(s02), reach.known(s03)]).toEqual([s02, undefined]);
});

test('a sign of life counts for a moment', async () => {
  const { reach, answer, clock } = bench();
  const waiting = reach.find(s02);
  await clock.advance(ms(100));
  await answer(() => true);
  await waiting;
  await clock.advance(ms(249));
  expect(reach.known(s02)).toBe(s02);
  await clock.advance(ms(1));
  expect(reach.known(s02)).toBeUndefined();
});

test('a silent server is asked anew, twice a second at most', async () => {
  const { reach, asked, answer, clock } = bench();
  const first = reach.find(s02);
  await answer(() => false);
  expect(await first).toBeUndefined();
  await clock.advance(ms(100));
  const second = reach.find(s02);
  await clock.advance(ms(399));
  expect(asked.length).toBe(0);
  await clock.advance(ms(1));
  await answer(() => true);
  expect(await second).toBe(s02);
});

test('a server that is silent here is reached by another one that hears it, until it speaks again', async () => {
  const { reach, asked, answer, clock } = bench([s01, s02, s03]);
  const first = reach.find(s02);
  expect(asked.map(({ by }) => by)).toEqual([undefined]);
  await answer(({ by }) => by === s03);
  expect(await first).toBe(s03);
  expect(reach.known(s02)).toBe(s03);

  await clock.advance(ms(250));
  const second = reach.find(s02);
  // Nobody waits for the silent one now: both are asked at once.
  expect(asked.map(({ by }) => by)).toEqual([undefined, s03]);
  const [straight, byOther] = asked.splice(0);
  byOther?.answer(true);
  expect(await second).toBe(s03);

  await clock.advance(ms(250));
  const third = reach.find(s02);
  expect(asked.map(({ by }) => by)).toEqual([s03]);
  straight?.answer(true);
  expect(await third).toBe(s02);
  await answer(() => true);

  await clock.advance(ms(250));
  void reach.find(s02);
  expect(asked.map(({ by }) => by)).toEqual([undefined]);
});

test('of many servers some are asked at a time, others the next time, and first the one that reached it last', async () => {
  const others = ['a', 'b', 'c', 'd', 'e'] as ServerName[];
  const { reach, asked, answer, clock } = bench([s01, s02, ...others]);
  void reach.find(s02);
  await answer(() => false);
  await clock.advance(ms(500));
  void reach.find(s02);
  await clock.advance(ms(0));
  expect(asked.map(({ by }) => by)).toEqual([undefined, 'd', 'e', 'a']);
  await answer(({ by }) => by === 'e');
  await clock.advance(ms(250));
  void reach.find(s02);
  expect(asked.map(({ by }) => by)).toEqual([undefined, 'e', 'd', 'a']);
});
