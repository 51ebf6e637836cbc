import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { at, dayStart } from '../../../test/support/archived-runs.ts';
import { type RecordedRun, type RecordedRunOptions, recordedRun } from '../../../test/support/recorded-run.ts';
import { indexBytes, indexOf } from '../../../test/support/run-index.ts';
import { readFragmentHead } from '../../media/mp4/fragment-head.ts';
import { incarnation, serverName } from '../../units/ids.ts';
import { rescale, ticks } from '../../units/ticks.ts';
import { type ArchivedRun, indexedRun } from '../catalogue/archived-run.ts';
import { archivePlaylist } from './archive-playlist.ts';
import { archiveUris, parseArchiveUri } from './archive-uri.ts';
import type { Gap, Piece } from './cut-pieces.ts';
import { findPieces } from './find-pieces.ts';
import { timelineTimes } from './timeline-times.ts';

const half = 45_000;

async function pieces(
  span: { readonly from: number; readonly to: number },
  ...options: RecordedRunOptions[]
): Promise<(Piece<ArchivedRun> | Gap)[]> {
  const made = options.map((each) => recordedRun(each));
  const indexes = new Map(made.map((one) => [indexedRun(one.run, indexOf(one.index)), indexOf(one.index)]));
  return findPieces([...indexes.keys()], { start: at(span.from), end: at(span.to) }, async (run) => indexes.get(run));
}

const from = (seconds: number): number => dayStart + seconds * 2 * half;
const vod = { type: 'vod', targetDuration: 4 } as const;

describe('an archive playlist', () => {
  test('goes on from run to run, over a change of servers, over a gap and over other parameters', async () => {
    const parts = await pieces(
      { from: 0, to: 20 },
      { fragments: 8, start: from(0), ordinal: 1 },
      { fragments: 6, start: from(4), ordinal: 2 },
      { fragments: 4, start: from(6), server: 's-02' },
      { fragments: 4, start: from(12), ordinal: 3 },
      { fragments: 4, start: from(14), ordinal: 4, kinds: ['video'] },
    );
    expect(archivePlaylist(parts, vod)).toBe(`#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-TARGETDURATION:4
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-MAP:URI="1728000000000-s01-5-1.init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2024-10-04T00:00:00.000Z
#EXTINF:2.000,
1728000000000-s01-5-1.0-3.m4s
#EXTINF:2.000,
1728000000000-s01-5-1.4-7.m4s
#EXT-X-PROGRAM-DATE-TIME:2024-10-04T00:00:04.000Z
#EXTINF:2.000,
1728000004000-s01-5-2.0-3.m4s
#EXT-X-PROGRAM-DATE-TIME:2024-10-04T00:00:06.000Z
#EXTINF:2.000,
1728000006000-s%252D02-5-1.0-3.m4s
#EXT-X-DISCONTINUITY
#EXT-X-PROGRAM-DATE-TIME:2024-10-04T00:00:12.000Z
#EXTINF:2.000,
1728000012000-s01-5-3.0-3.m4s
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="1728000014000-s01-5-4.init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2024-10-04T00:00:14.000Z
#EXTINF:2.000,
1728000014000-s01-5-4.0-3.m4s
#EXT-X-ENDLIST
`);
  });

  test('without an end may go on; and tells what left its beginning', async () => {
    const parts = await pieces({ from: 0, to: 2 }, { fragments: 4, start: from(0), segmentFragments: 4 });
    const text = archivePlaylist(parts, { type: 'event', targetDuration: 1 });
    expect(text).toContain('#EXT-X-PLAYLIST-TYPE:EVENT\n');
    // A segment is longer than it should be.
    expect(text).toContain('#EXT-X-TARGETDURATION:2\n');
    expect(text).not.toContain('#EXT-X-ENDLIST');
    const sliding = archivePlaylist(parts, {
      type: 'sliding',
      targetDuration: 4,
      before: { segments: 900, discontinuities: 2 },
    });
    expect(sliding).toContain('#EXT-X-MEDIA-SEQUENCE:900\n#EXT-X-DISCONTINUITY-SEQUENCE:2\n#EXT-X-MAP');
  });

  test('of a gap alone lists nothing', async () => {
    expect(archivePlaylist(await pieces({ from: 0, to: 20 }), vod)).not.toContain('#EXTINF');
  });
});

describe('addresses', () => {
  test('are read back as a router gives them', () => {
    const name = fc.record({
      startMs: fc.nat(9_999_999_999_999),
      server: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).map(serverName),
      incarnation: fc.nat().map(incarnation),
      ordinal: fc.nat(),
    });
    fc.assert(
      fc.property(name, fc.nat(10_000), fc.nat(100), (run, first, more) => {
        const segment = archiveUris(run).segment(first, first + more);
        expect(segment).toMatch(/^[A-Za-z0-9._%-]+$/);
        expect(parseArchiveUri(decodeURIComponent(segment))).toEqual({
          kind: 'segment',
          run,
          first,
          last: first + more,
        });
        expect(parseArchiveUri(decodeURIComponent(archiveUris(run).init))).toEqual({ kind: 'init', run });
      }),
    );
  });

  test.each([
    '',
    '12.m4s',
    'init-0a.mp4',
    '1728000000000-s01-5-1.mp4',
    '1728000000000-s01-5-1.4-3.m4s',
    '1728000000000-s01-5-1.-3.m4s',
    '1728000000000-s01-5-1.0-3.m4s.m4s',
    '../1728000000000-s01-5-1.0-3.m4s',
    'x.init.mp4',
  ])('%j is none', (text) => {
    expect(parseArchiveUri(text)).toBeUndefined();
  });
});

describe('decode times on their way to a viewer', () => {
  const made = recordedRun({ fragments: 4, start: dayStart });
  const fragmentOf = ({ media, records }: RecordedRun, i: number): Uint8Array => {
    const { offset = 0, length = 0 } = records[i] ?? {};
    return media.subarray(offset, offset + length);
  };

  test('are UTC, where they stand in the fragment', () => {
    const index = indexOf(made.index);
    const times = timelineTimes(index, 3, fragmentOf(made, 3)) ?? [];
    const inFile = readFragmentHead(fragmentOf(made, 3)) ?? [];
    expect(times.map(({ at: place }) => place)).toEqual(inFile.map(({ decodeTime }) => decodeTime.at));
    // Pictures are shown 0.2 s after they are decoded.
    expect(times.map(({ value }) => Number(value))).toEqual(
      made.header.tracks.map(({ timescale }) => rescale(ticks(dayStart + 3 * half - 18_000), 90_000, timescale)),
    );
  });

  test('are later by what the fragment was moved', () => {
    const moved = made.records.map((one) => ({ ...one, shift: ticks(9000) }));
    const index = indexOf(indexBytes(made.header, moved, true));
    const [video, audio] = timelineTimes(index, 0, fragmentOf(made, 0)) ?? [];
    const [before, sound] = timelineTimes(indexOf(made.index), 0, fragmentOf(made, 0)) ?? [];
    expect((video?.value ?? 0n) - (before?.value ?? 0n)).toBe(9000n);
    expect((audio?.value ?? 0n) - (sound?.value ?? 0n)).toBe(4800n);
  });

  test('are unknown for another recording', () => {
    const picturesAlone = recordedRun({ fragments: 1, kinds: ['video'] });
    expect(timelineTimes(indexOf(picturesAlone.index), 0, fragmentOf(made, 0))).toBeUndefined();
    expect(timelineTimes(indexOf(made.index), 0, new Uint8Array(20))).toBeUndefined();
  });
});
