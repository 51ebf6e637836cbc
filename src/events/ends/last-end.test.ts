import { expect, test } from 'vitest';
import { ticks } from '../../units/ticks.ts';
import { millis } from '../../units/time.ts';
import { lastServedEnd } from './last-end.ts';

const at = (seconds: number) => ticks(seconds * 90_000);

/** Seconds; segments of two. `seen`: where the newest one ended. */
test.each<[string, { seen?: number; own?: number; diedAt: number; end: number }]>([
  ['nobody viewed the stream anywhere: one segment before the last border', { diedAt: 105.3, end: 102 }],
  [
    'the newest was listed just before the end: nobody had the time to fetch it',
    { seen: 104.9, diedAt: 105.3, end: 102.9 },
  ],
  ['the newest was listed for as long as it lasts: what was seen', { seen: 103, diedAt: 105.3, end: 103 }],
  ['viewed until some time ago: as if nobody had', { seen: 97, diedAt: 105.3, end: 102 }],
  ['captured here until just before: as if nobody had', { own: 99, diedAt: 105.3, end: 102 }],
  ['captured here after it was seen at others: as if nobody had', { seen: 98.5, own: 99, diedAt: 105.3, end: 102 }],
  ['captured here before it was seen at its owner: what was seen', { seen: 103, own: 99, diedAt: 105.3, end: 103 }],
  ['captured here until its owner died: what was captured', { own: 105, diedAt: 105.3, end: 105 }],
  ['captured here until its owner began the newest', { seen: 105, own: 104, diedAt: 105.3, end: 104 }],
])('%s', (_, { seen, own, diedAt, end }) => {
  const known = {
    seen: seen === undefined ? undefined : { start: at(seen - 2), end: at(seen) },
    own: own === undefined ? undefined : at(own),
  };
  expect(lastServedEnd({ segmentDuration: millis(2_000), ...known, ownerDiedAt: at(diedAt) })).toBe(at(end));
});
