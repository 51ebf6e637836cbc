import { describe, expect, test } from 'vitest';
import { serverName } from '../units/ids.ts';
import { ticks } from '../units/ticks.ts';
import type { LiveSegment, LiveWindow } from './live-window.ts';
import { initUri, mediaPlaylist, multivariantPlaylist, parseInitUri, parseSegmentUri, segmentUri } from './playlist.ts';

function segment(number: number, init: string, duration = 180_000): LiveSegment {
  const start = ticks(number * 180_000);
  return { number, start, duration: ticks(duration), keyframeHash: 'k', init, bytes: 1, holder: serverName('s01') };
}

const window: LiveWindow = {
  revision: 7,
  targetDuration: 4,
  segments: [segment(900_000_000, 'aa'), segment(900_000_001, 'aa', 180_045), segment(900_000_002, 'bb')],
  inits: [
    { id: 'aa', data: '', codecs: 'avc1.64001f,mp4a.40.2', resolution: { width: 1280, height: 720 }, frameRate: 25 },
    { id: 'bb', data: '', codecs: 'avc1.640028', resolution: { width: 1920, height: 1080 }, frameRate: undefined },
  ],
  bandwidth: { peak: 4_200_000, average: 4_000_001 },
};

describe('media playlist', () => {
  test('lists the window; a changed init gets a map and no discontinuity', () => {
    expect(mediaPlaylist(window)).toBe(`#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-TARGETDURATION:4
#EXT-X-MEDIA-SEQUENCE:900000000
#EXT-X-MAP:URI="init-aa.mp4"
#EXT-X-PROGRAM-DATE-TIME:2027-01-15T08:00:00.000Z
#EXTINF:2.000,
900000000.m4s
#EXT-X-PROGRAM-DATE-TIME:2027-01-15T08:00:02.000Z
#EXTINF:2.001,
900000001.m4s
#EXT-X-MAP:URI="init-bb.mp4"
#EXT-X-PROGRAM-DATE-TIME:2027-01-15T08:00:04.000Z
#EXTINF:2.000,
900000002.m4s
`);
  });

  test('tells nothing of who has the bytes, so that it is the same on all servers and for all holders', () => {
    const moved = window.segments.map((listed) => ({ ...listed, holder: serverName('s02'), bytes: 2 }));
    expect(mediaPlaylist({ ...window, revision: 8, segments: moved })).toBe(mediaPlaylist(window));
  });
});

describe('multivariant playlist', () => {
  test('has one variant with the newest parameters', () => {
    expect(multivariantPlaylist(window)).toBe(`#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-STREAM-INF:BANDWIDTH=4200000,AVERAGE-BANDWIDTH=4000001,CODECS="avc1.640028",RESOLUTION=1920x1080
video.m3u8
`);
  });

  test('with pathways, has the variant once on each of three servers', () => {
    const earlier = { ...window, segments: window.segments.slice(0, 2) };
    const pathways = ['s01', 's02', 's03', 's04'].map((id) => ({ id, base: `http://${id}:8080/cam/01` }));
    const attributes =
      'BANDWIDTH=4200000,AVERAGE-BANDWIDTH=4000001,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=25.000';
    expect(multivariantPlaylist(earlier, pathways)).toBe(`#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-STREAM-INF:${attributes},PATHWAY-ID="s01"
http://s01:8080/cam/01/video.m3u8
#EXT-X-STREAM-INF:${attributes},PATHWAY-ID="s02"
http://s02:8080/cam/01/video.m3u8
#EXT-X-STREAM-INF:${attributes},PATHWAY-ID="s03"
http://s03:8080/cam/01/video.m3u8
`);
  });
});

describe('URIs', () => {
  test('are read back', () => {
    expect(parseSegmentUri(segmentUri(900_000_000))).toBe(900_000_000);
    expect(parseInitUri(initUri('0a1b'))).toBe('0a1b');
  });

  test.each(['', '1.mp4', '-1.m4s', '1e3.m4s', '9999999999999999.m4s', 'init-1.mp4', '../1.m4s'])(
    '%j is no segment',
    (uri) => {
      expect(parseSegmentUri(uri)).toBeUndefined();
    },
  );

  test.each(['', 'init-.mp4', 'init-..%2f.mp4', 'init-A.mp4', '1.m4s'])('%j is no init segment', (uri) => {
    expect(parseInitUri(uri)).toBeUndefined();
  });
});
