import { expect, test } from 'vitest';
import { changesBetween } from './changes.ts';
import type { Snapshot, SnapshotStream } from './snapshot.ts';

const stream = (name: string, capturedBy: string | undefined): SnapshotStream => ({
  name,
  state: 'running',
  home: 's1',
  capturedBy,
  standIn: capturedBy !== undefined && capturedBy !== 's1',
  lastFrameMs: 0,
  source: 'rtsp://x',
});
const group = (state: string, ...streams: SnapshotStream[]): Snapshot => ({
  answeredBy: 's2',
  servers: [{ name: 's1', state, streams: 0, lastHeardMs: 0 }],
  streams,
});

test('streams that moved the same way are one line', () => {
  const before = group('alive', stream('a', 's1'), stream('b', 's1'), stream('c', 's1'));
  const after = group('dead', stream('a', 's2'), stream('b', 's2'), stream('c', 's1'));
  expect(changesBetween(before, after)).toEqual(['server s1 is dead', 'a b captured by s2 for s1']);
});

test('who only tries has captured nothing yet', () => {
  const tries = { ...stream('a', 's1'), state: 'starting' };
  expect(changesBetween(undefined, group('alive', tries))).toEqual(['server s1 is alive']);
  expect(changesBetween(group('alive', tries), group('alive', stream('a', 's1')))).toEqual(['a captured by s1']);
});

test('nothing new is no line', () => {
  const same = group('alive', stream('a', 's1'));
  expect(changesBetween(same, same)).toEqual([]);
});
