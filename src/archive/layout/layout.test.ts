import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { incarnation, serverName, streamName } from '../../units/ids.ts';
import { isInLaterHour } from './hours.ts';
import { compareRunNames, formatRunName, parseRunName, type RunName } from './run-name.ts';
import { hourFolder, parseRunPath, parseStreamFolder, runPath, streamFolder, watermarkPath } from './run-path.ts';
import { readSafeName, safeName } from './safe-name.ts';

const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
const runName: fc.Arbitrary<RunName> = fc.record({
  startMs: fc.integer({ min: 0, max: 9_999_999_999_999 }),
  server: name.map(serverName),
  incarnation: fc.nat(Number.MAX_SAFE_INTEGER).map(incarnation),
  ordinal: fc.nat(),
});

describe('names in paths', () => {
  test.each([
    ['cam01', 'cam01'],
    ['site-a/cam_1.main', 'site-a%2Fcam_1.main'],
    ['..', '%2E.'],
    ['.hidden', '%2Ehidden'],
    ['a%2F', 'a%252F'],
    ['Тест', '%D0%A2%D0%B5%D1%81%D1%82'],
    ['127.0.0.1:8081', '127.0.0.1%3A8081'],
  ])('%s is %s', (text, safe) => {
    expect(safeName(text)).toBe(safe);
    expect(readSafeName(safe)).toBe(text);
  });

  test.each(['', '.', '..', '.git', 'a/b', '%41', '%2f', '%', '%2', '%FF', 'a b', 'lost+found'])(
    '%j is no name',
    (text) => {
      expect(readSafeName(text)).toBeUndefined();
    },
  );

  test('every name is read back, and none leaves its folder', () => {
    fc.assert(
      fc.property(name, (text) => {
        const safe = safeName(text);
        expect(readSafeName(safe)).toBe(text);
        expect(safe).toMatch(/^[A-Za-z0-9_%-][A-Za-z0-9._%-]*$/);
      }),
    );
  });
});

describe('names of runs', () => {
  const run: RunName = {
    startMs: 1_788_264_000_123,
    server: serverName('s-01.example:8081'),
    incarnation: incarnation(1_788_000_000_000),
    ordinal: 7,
  };

  test('hold their start, server, life and count', () => {
    expect(formatRunName(run)).toBe('1788264000123-s%2D01.example%3A8081-1788000000000-7');
    expect(runPath(streamName('site/cam'), run, 'media')).toBe(
      'site%2Fcam/2026/09/01/12/1788264000123-s%2D01.example%3A8081-1788000000000-7.mp4',
    );
  });

  test('are read back, as names and as paths', () => {
    fc.assert(
      fc.property(runName, name.map(streamName), fc.constantFrom('media', 'index'), (made, stream, kind) => {
        expect(parseRunName(formatRunName(made))).toEqual(made);
        expect(parseRunPath(runPath(stream, made, kind))).toEqual({ stream, run: made, kind });
        expect(parseStreamFolder(streamFolder(stream))).toBe(stream);
      }),
    );
  });

  test('sorted as they are compared, they are sorted by time', () => {
    fc.assert(
      fc.property(fc.array(runName), (names) => {
        const sorted = [...names].sort(compareRunNames);
        expect(sorted.map(({ startMs }) => startMs)).toEqual(names.map(({ startMs }) => startMs).sort((a, b) => a - b));
      }),
    );
    expect(compareRunNames(run, { ...run })).toBe(0);
    expect(compareRunNames(run, { ...run, ordinal: 10 })).toBeLessThan(0);
    expect(compareRunNames(run, { ...run, server: serverName('a') })).toBeGreaterThan(0);
  });

  test.each([
    '',
    '1788264000123-s01-5',
    '1788264000123-s01-5-1-2',
    '178826400012-s01-5-1',
    '1788264000123-s01-05-1',
    '1788264000123-s01-5--1',
    '1788264000123--5-1',
    '1788264000123-s/01-5-1',
    '1788264000123-s01-9999999999999999-1',
    '1788264000123-s01-5-1 ',
  ])('%j is no run', (text) => {
    expect(parseRunName(text)).toBeUndefined();
  });

  test.each([
    'cam/2026/09/01/13/1788264000123-s01-5-1.mp4',
    'cam/2026/09/01/12/1788264000123-s01-5-1.MP4',
    'cam/2026/09/01/12/1788264000123-s01-5-1.mp4.tmp',
    'cam/2026/09/01/12/1788264000123-s01-5-1',
    '/cam/2026/09/01/12/1788264000123-s01-5-1.mp4',
    '../cam/2026/09/01/12/1788264000123-s01-5-1.mp4',
    'cam//2026/09/01/12/1788264000123-s01-5-1.mp4',
    'cam/deleted-until',
    '1788264000123-s01-5-1.mp4',
    '',
  ])('%j is no run of an archive', (path) => {
    expect(parseRunPath(path)).toBeUndefined();
  });

  test('whatever a folder holds, reading its paths throws nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (path) => {
        expect(parseRunPath(path)).toBeUndefined();
      }),
    );
  });
});

test('runs end at full hours of UTC', () => {
  const [hour, start] = [3600 * 90_000, 496_740 * 3600 * 90_000 + 5];
  expect(
    [start, start + hour - 6, start + hour - 5, start + 3 * hour].map((time) => isInLaterHour(start, time)),
  ).toEqual([false, false, true, true]);
});

test('hours are those of UTC', () => {
  expect(hourFolder(0)).toBe('1970/01/01/00');
  expect(hourFolder(1_788_267_599_999)).toBe('2026/09/01/12');
  expect(watermarkPath(streamName('a/b'))).toBe('a%2Fb/deleted-until');
});
