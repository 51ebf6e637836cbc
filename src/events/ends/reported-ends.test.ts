import { expect, test } from 'vitest';
import { serverName, streamName } from '../../units/ids.ts';
import { ticks } from '../../units/ticks.ts';
import { instant } from '../../units/time.ts';
import { ReportedEnds } from './reported-ends.ts';

const [cam, gate] = [streamName('cam'), streamName('gate')];
const [b, c] = [serverName('b'), serverName('c')];
const segment = { start: ticks(5), end: ticks(7) };

test('only what is configured is remembered, and only for as long', () => {
  const streams = new Set([cam]);
  const servers = new Set([b]);
  const reported = new ReportedEnds({ isServer: (name) => servers.has(name), isStream: (name) => streams.has(name) });
  reported.add(c, new Map([[cam, segment]]), instant(1));
  reported.add(b, new Map([cam, gate].map((stream) => [stream, segment])), instant(2));
  expect([reported.newest(cam, b), reported.newest(gate, b), reported.newest(cam, c)]).toEqual([
    segment,
    undefined,
    undefined,
  ]);
  expect([reported.lastAt(b), reported.lastAt(c)]).toEqual([2, undefined]);
  reported.forget();
  expect(reported.newest(cam, b)).toEqual(segment);
  streams.clear();
  reported.forget();
  streams.add(cam);
  expect(reported.newest(cam, b)).toBeUndefined();
  servers.clear();
  reported.forget();
  expect(reported.lastAt(b)).toBeUndefined();
});
