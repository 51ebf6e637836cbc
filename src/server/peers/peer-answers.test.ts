import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LiveWindow } from '../../hls/live-window.ts';
import { serverName } from '../../units/ids.ts';
import { ticks } from '../../units/ticks.ts';
import { millis } from '../../units/time.ts';
import type { MediaReport } from '../media/media-board.ts';
import { parseReport } from './report-parser.ts';
import { parseWindow } from './window-parser.ts';

const count = fc.nat();
const name = fc.string({ maxLength: 20 }).map((text) => text.replace(/["\r\n]/g, ''));
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const segment = fc.record({
  number: fc.constant(0),
  start: count.map(ticks),
  duration: count.map(ticks),
  keyframeHash: name,
  init: name,
  bytes: count,
  holder: name.map(serverName),
});
const init = fc.record({
  id: name,
  data: fc.base64String(),
  codecs: name,
  resolution: maybe(fc.record({ width: count, height: count })),
  frameRate: maybe(fc.double({ min: 0, max: 1000, noNaN: true }).map(Math.abs)),
});
const window: fc.Arbitrary<LiveWindow> = fc
  .record({
    revision: count,
    targetDuration: count,
    first: count,
    segments: fc.array(segment, { maxLength: 10 }),
    inits: fc.array(init, { maxLength: 3 }),
    bandwidth: fc.record({ peak: count, average: count }),
  })
  .map(({ first, segments, ...rest }) => ({
    ...rest,
    segments: segments.map((one, i) => ({ ...one, number: first + i })),
  }));
const media = fc.record({
  source: name,
  lastFrameAge: maybe(count.map(millis)),
  bitrateBps: maybe(count),
  bytesTotal: count,
  damageTotal: count,
  lostSegmentsTotal: count,
  tracks: fc.array(fc.record({ kind: fc.constantFrom('video', 'audio', 'unsupported'), codec: name }), {
    maxLength: 3,
  }),
});
const report: fc.Arbitrary<MediaReport> = fc.dictionary(
  name,
  fc.record({ media, error: name }, { requiredKeys: [] }),
) as fc.Arbitrary<MediaReport>;

const travelled = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** The value with whatever stands at one place of it replaced. */
function damaged(value: unknown, place: number, by: unknown): unknown {
  let left = place;
  return JSON.parse(JSON.stringify(value), (_key, inner: unknown) => (left-- === 0 ? by : inner));
}

test('a window and a report are read as they were written', () => {
  fc.assert(fc.property(window, (written) => void expect(parseWindow(travelled(written))).toEqual(written)));
  fc.assert(fc.property(report, (written) => void expect(parseReport(travelled(written))).toEqual(travelled(written))));
});

test('whatever a peer answers, a window or a report is whole or none', () => {
  const any = fc.oneof(
    fc.jsonValue(),
    fc.tuple(fc.oneof(window, report), fc.nat(80), fc.jsonValue()).map((parts) => damaged(...parts)),
  );
  fc.assert(
    fc.property(any, (value) => {
      const window = parseWindow(value);
      // What was read is read again: every field is what its type says.
      if (window !== undefined) expect(parseWindow(travelled(window))).toEqual(window);
      const report = parseReport(value);
      if (report !== undefined) expect(parseReport(travelled(report))).toEqual(report);
    }),
    { numRuns: 500 },
  );
});

const good = {
  revision: 1,
  targetDuration: 4,
  segments: [{ number: 5, start: 1, duration: 1, keyframeHash: 'k', init: 'i', bytes: 1, holder: 's' }],
  inits: [{ id: 'i', data: '', codecs: 'avc1' }],
  bandwidth: { peak: 1, average: 1 },
};
const [one] = good.segments;

test.each<[string, unknown]>([
  ['nothing', null],
  ['no segments', { ...good, segments: undefined }],
  ['a segment that is none', { ...good, segments: [null] }],
  ['a number that is a text', { ...good, segments: [{ ...one, number: '5' }] }],
  ['a number left out', { ...good, segments: [one, { ...one, number: 7 }] }],
  ['no end of segments', { ...good, segments: Array.from({ length: 101 }, (_, i) => ({ ...one, number: i })) }],
  ['an init segment that breaks its line', { ...good, inits: [{ ...good.inits[0], codecs: 'a"\n#EXT-X-ENDLIST' }] }],
  ['no bandwidth', { ...good, bandwidth: undefined }],
])('a window with %s is none', (_case, value) => {
  expect(parseWindow(good)).toBeDefined();
  expect(parseWindow(value)).toBeUndefined();
});

test.each<[string, unknown]>([
  ['a list', []],
  ['a stream that is none', { cam: 7 }],
  ['tracks that are none', { cam: { media: { source: '', bytesTotal: 0, damageTotal: 0, tracks: 'x' } } }],
  [
    'an age before now',
    { cam: { media: { source: '', lastFrameAge: -1, bytesTotal: 0, damageTotal: 0, tracks: [] } } },
  ],
  ['an error that is no text', { cam: { error: {} } }],
])('a report that is %s is none', (_case, value) => {
  expect(parseReport(value)).toBeUndefined();
});
