import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDuration, parseDuration } from './duration.ts';
import { nearest } from './nearest.ts';
import { formatRate, parseRate } from './rate.ts';
import { formatSize, parseSize } from './size.ts';
import { millis } from './time.ts';

describe('durations', () => {
  test.each([
    ['0', 0],
    ['3', 3000],
    ['1.5', 1500],
    ['500ms', 500],
    ['10s', 10_000],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['7d', 604_800_000],
    ['0.0004', 0],
    ['9'.repeat(400), Number.MAX_SAFE_INTEGER],
  ])('%s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each([
    '',
    ' 3',
    '3 s',
    '-3',
    '+3',
    '.5',
    '5.',
    '1e3',
    '0x10',
    '3S',
    '3sec',
    '1h30m',
    'NaN',
    'Infinity',
    'ms',
    '٣',
  ])('%j is none', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  test('what is formatted reads back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 45 }), (ms) => {
        expect(parseDuration(formatDuration(millis(ms)))).toBe(ms);
      }),
    );
  });

  test.each([
    [0, '0s'],
    [1500, '1500ms'],
    [90_000, '90s'],
    [120_000, '2m'],
    [604_800_000, '7d'],
  ])('%d ms is %s', (ms, text) => {
    expect(formatDuration(millis(ms))).toBe(text);
  });
});

describe('sizes', () => {
  test.each([
    ['0', 0, '0'],
    ['1023', 1023, '1023'],
    ['1K', 1024, '1K'],
    ['1.5M', 1_572_864, '1.5M'],
    ['500G', 536_870_912_000, '500G'],
    ['2T', 2_199_023_255_552, '2T'],
  ])('%s', (text, bytes, formatted) => {
    const parsed = parseSize(text);
    expect(parsed).toBe(bytes);
    expect(parsed === undefined ? undefined : formatSize(parsed)).toBe(formatted);
  });

  test.each(['', '-1', '1k', '1GB', '1P', 'G', '1 G'])('%j is none', (text) => {
    expect(parseSize(text)).toBeUndefined();
  });

  test('too large is the largest', () => {
    expect(parseSize(`${'9'.repeat(400)}T`)).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe('rates', () => {
  test.each([
    ['9', 9, '9'],
    ['64k', 64_000, '64k'],
    ['4.2M', 4_200_000, '4.2M'],
    ['200M', 200_000_000, '200M'],
  ])('%s', (text, rate, formatted) => {
    const parsed = parseRate(text);
    expect(parsed).toBe(rate);
    expect(parsed === undefined ? undefined : formatRate(parsed)).toBe(formatted);
  });

  test.each(['', '-1', '1K', '1m', '1Mbit', 'M'])('%j is none', (text) => {
    expect(parseRate(text)).toBeUndefined();
  });
});

describe('nearest', () => {
  const known = ['cluster_key', 'cluster_ingest', 'http', 'peer', 'url'];
  test.each([
    ['clustr_key', 'cluster_key'],
    ['cluster-ingest', 'cluster_ingest'],
    ['CLUSTER_KEY', 'cluster_key'],
    ['htpp', 'http'],
    ['pere', 'peer'],
    ['uri', 'url'],
    ['u', undefined],
    ['xyz', undefined],
    ['', undefined],
    ['x'.repeat(1000), undefined],
  ])('%s', (word, near) => {
    expect(nearest(word, known)).toBe(near);
  });
});
