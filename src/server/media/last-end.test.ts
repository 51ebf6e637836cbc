import { expect, test } from 'vitest';
import { ticks } from '../../units/ticks.ts';
import { millis } from '../../units/time.ts';
import { lastPublishedEnd } from './last-end.ts';

const at = (seconds: number) => ticks(seconds * 90_000);

/** Seconds; segments of two. */
test.each<[string, { seen?: number; own?: number; diedAt: number; end: number }]>([
  ['nobody viewed the stream here: the last border before its owner was last heard', { diedAt: 105.3, end: 104 }],
  ['followed until the end: what was seen', { seen: 101.9, diedAt: 105.3, end: 101.9 }],
  ['viewed until some time ago: the border', { seen: 97, diedAt: 105.3, end: 104 }],
  ['captured here until just before: the border', { own: 99, diedAt: 105.3, end: 104 }],
  ['captured here after it was seen at others: the border', { seen: 98.5, own: 99, diedAt: 105.3, end: 104 }],
  ['captured here before it was seen at its owner: what was seen', { seen: 102, own: 99, diedAt: 105.3, end: 102 }],
  ['captured here until its owner died: what was captured', { own: 105, diedAt: 105.3, end: 105 }],
])('%s', (_, { seen, own, diedAt, end }) => {
  const known = { seen: seen === undefined ? undefined : at(seen), own: own === undefined ? undefined : at(own) };
  expect(lastPublishedEnd({ segmentDuration: millis(2_000), ...known, ownerDiedAt: at(diedAt) })).toBe(at(end));
});
