import { expect, test } from 'vitest';
import type { ServerView } from '../../cluster/step/view.ts';
import { serverName, streamName } from '../../units/ids.ts';
import { ticks } from '../../units/ticks.ts';
import { instant, millis, unixMicros } from '../../units/time.ts';
import { PastEnds } from './past-ends.ts';

const [cam, gone] = [streamName('cam'), streamName('gone')];
const b = serverName('b');

/** Times in seconds; segments of two. */
function pastEnds(view: Partial<Pick<ServerView, 'state'>> & { last?: number; earlier?: number }, reported?: number) {
  const at = (second: number | undefined) => (second === undefined ? undefined : instant(second * 1_000));
  return new PastEnds({
    view: () => ({ state: view.state ?? 'alive', lastHeard: at(view.last), earlierHeard: at(view.earlier) }),
    reportedAt: () => at(reported),
    segmentDuration: (stream) => (stream === cam ? millis(2_000) : undefined),
    own: () => undefined,
    utcAt: (moment) => unixMicros(moment * 1_000),
  });
}

test.each<[string, PastEnds, number | undefined]>([
  ['of a dead one is when it was heard last', pastEnds({ state: 'dead', last: 100 }), 100],
  ['or reported last', pastEnds({ state: 'dead', last: 100 }, 103), 103],
  ['even if it was never polled', pastEnds({ state: 'dead' }, 103), 103],
  ['of one that lives anew is when its life before was heard', pastEnds({ last: 100, earlier: 50 }, 103), 50],
  ['of one that lives in its first life is none', pastEnds({ last: 100 }, 103), undefined],
])('the life that is over %s', (_, past, second) => {
  expect(past.over(b)).toBe(second === undefined ? undefined : second * 1_000);
  const end = second === undefined ? undefined : Math.floor(second / 2) * 2 - 2;
  expect(past.of(cam, b, undefined)).toBe(end === undefined ? undefined : end * 90_000);
});

test('a stream that is not configured has no end, and a server that is unknown none of its own', () => {
  const past = pastEnds({ state: 'dead', last: 100 });
  expect(past.of(gone, b, { start: ticks(1), end: ticks(2) })).toBeUndefined();
  const stranger = new PastEnds({
    view: () => undefined,
    reportedAt: () => instant(1),
    segmentDuration: () => millis(2_000),
    own: () => undefined,
    utcAt: () => unixMicros(0),
  });
  expect([stranger.over(b), stranger.isDead(b)]).toEqual([undefined, false]);
});
