import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { incarnation, serverName, streamName } from '../../units/ids.ts';
import { parseTarget, type Target, targetPath } from './target.ts';

const run = { startMs: 1_800_000_000_000, server: serverName('s01:80'), incarnation: incarnation(3), ordinal: 1 };

/** Read and written back. */
const table: readonly [string, Target][] = [
  ['/cam/index.m3u8', { kind: 'multivariant', stream: streamName('cam') }],
  ['/cam/video.m3u8', { kind: 'media', stream: streamName('cam') }],
  ['/site/hall/cam/mpegts', { kind: 'mpegts', stream: streamName('site/hall/cam') }],
  ['/cam/12345.m4s', { kind: 'segment', stream: streamName('cam'), segment: 12345 }],
  ['/cam/init-0af3.mp4', { kind: 'init', stream: streamName('cam'), init: '0af3' }],
  [
    '/cam/archive-1800000000-3600.m3u8',
    { kind: 'archive', stream: streamName('cam'), from: 1_800_000_000, duration: 3600 },
  ],
  [
    '/cam/1800000000000-s01%253A80-3-1.init.mp4',
    { kind: 'recorded', stream: streamName('cam'), uri: { kind: 'init', run } },
  ],
  [
    '/cam/1800000000000-s01%253A80-3-1.4-7.m4s',
    { kind: 'recorded', stream: streamName('cam'), uri: { kind: 'segment', run, first: 4, last: 7 } },
  ],
  ['/caf%C3%A9%20%26/embed.html', { kind: 'player', stream: streamName('café &') }],
];

describe('an address', () => {
  test.each(table)('%s', (path, target) => {
    expect(parseTarget(path)).toEqual(target);
    expect(targetPath(target)).toBe(path);
  });

  test.each([
    '',
    '/',
    '//',
    '/video.m3u8',
    'cam/video.m3u8',
    '/cam/other',
    '/cam/1.m4s/',
    '/cam/%zz/video.m3u8',
    '/cam/init-../x.mp4',
    `/${'c'.repeat(1100)}/mpegts`,
  ])('that means nothing: %s', (path) => {
    const target = parseTarget(path);
    // A folder's address is its player, and only a configured stream has one.
    if (target?.kind === 'player') expect(path.endsWith('/')).toBe(true);
    else expect(target).toBeUndefined();
  });

  test('of any text is read without a fault, and written back to the same target', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1, maxLength: 4 }), (parts) => {
        const target: Target = { kind: 'segment', stream: streamName(parts.join('/')), segment: 7 };
        const path = targetPath(target);
        expect(path).toMatch(/^[\x21-\x7e]+$/);
        const short = path.length <= 1024;
        expect(parseTarget(path)).toEqual(short && target.stream.length > 0 ? target : undefined);
        parseTarget(`/${parts.join('/')}`);
      }),
    );
  });
});
