import { expect, test } from 'vitest';
import { News } from './news.ts';
import type { DemoEvent } from './observer.ts';

let count = 0;
function event(seconds: string, server: string, message: string, more: Partial<DemoEvent> = {}): DemoEvent {
  return { id: `e${++count}`, time: `2026-01-31T22:00:${seconds}Z`, server, kind: 'settled', message, ...more };
}

test('each event is told once, in the order in which it happened', () => {
  const news = new News();
  const late = event('01.000', 's2', 'first');
  const early = event('02.000', 's1', 'taken over: dead', { kind: 'takeover', tookMs: 340 });
  expect(news.events([early])).toEqual(['22:00:02.000 taken over in 0.34 s: dead']);
  expect(news.events([early, late])).toEqual(['22:00:01.000 s2: first']);
  news.add('2026-01-31T22:00:01.500Z', 'between');
  expect(news.lines).toEqual([
    '22:00:01.000 s2: first',
    '22:00:01.500 between',
    '22:00:02.000 taken over in 0.34 s: dead',
  ]);
});

test('what two servers see of a third is one piece of news, and a second death another', () => {
  const news = new News();
  const down = { kind: 'server-down', from: 's3' };
  expect(
    news.events([event('01.000', 's1', 's3 is down', down), event('01.200', 's2', 's3 is down', down)]),
  ).toHaveLength(1);
  expect(news.events([event('01.300', 's2', 's1 is down', { ...down, from: 's1' })])).toHaveLength(1);
  expect(news.events([event('09.000', 's2', 's3 is down', down)])).toHaveLength(1);
});

test('a failback tells how long it took', () => {
  const message = 'cam is back at s1, from s2, no video lost';
  const [line] = new News().events([event('01.000', 's1', message, { kind: 'failback', tookMs: 3150 })]);
  expect(line).toBe('22:00:01.000 cam is back at s1 in 3.15 s, from s2, no video lost');
});

test('the newest lines are kept', () => {
  const news = new News();
  for (let n = 10; n < 40; n++) news.add(`2026-01-31T22:00:${n}.000Z`, `${n}`);
  expect(news.lines.at(0)).toContain('30');
  expect(news.lines.at(-1)).toContain('39');
});
