import { expect, test } from 'vitest';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import { streamName } from '../../units/ids.ts';
import { LocalSources } from './local-sources.ts';

const cam = streamName('cam');
const dark = ms(7_300);
const stalled = { kind: 'stalled', error: 'ECONNREFUSED' } as const;

test('a source is told as lost once, and as found with how long it was dark', async () => {
  const clock = new ManualClock();
  const sources = new LocalSources(clock);
  expect(sources.tell(cam, { kind: 'frames' }, dark)).toBeUndefined();
  expect(sources.tell(cam, stalled, dark)).toEqual({
    kind: 'source-lost',
    stream: cam,
    error: 'ECONNREFUSED',
    darkMs: 7_300,
  });
  expect(sources.tell(cam, stalled, dark)).toBeUndefined();
  await clock.advance(ms(30_000));
  expect(sources.tell(cam, { kind: 'stopped' }, dark)).toBeUndefined();
  expect(sources.tell(cam, { kind: 'frames' }, dark)).toEqual({ kind: 'source-found', stream: cam, darkMs: 37_300 });
  expect(sources.tell(cam, { kind: 'frames' }, dark)).toBeUndefined();
});

test('a source that is forgotten while it is lost is not found', () => {
  const sources = new LocalSources(new ManualClock());
  sources.tell(cam, stalled, dark);
  sources.forget(cam);
  expect(sources.tell(cam, { kind: 'frames' }, dark)).toBeUndefined();
});
