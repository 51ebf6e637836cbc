import { expect, test } from 'vitest';
import { SimDisk } from '../../../test/sim/disk/sim-disk.ts';
import { recordedRun } from '../../../test/support/recorded-run.ts';
import { putRun } from '../../../test/support/recording.ts';
import { silentLog } from '../../../test/support/silent-log.ts';
import { nodeChecksums } from '../../adapters/disk/archive/node-checksums.ts';
import { runPath } from '../../archive/layout/run-path.ts';
import { parseArchiveUri } from '../../archive/playback/archive-uri.ts';
import { withDecodeTimes } from '../../media/mp4/decode-time.ts';
import { readFragmentHead } from '../../media/mp4/fragment-head.ts';
import { incarnation, streamName } from '../../units/ids.ts';
import { ticks } from '../../units/ticks.ts';
import { instant, millis } from '../../units/time.ts';
import { ArchiveRoot } from './archive-root.ts';
import { OwnPlayback } from './own-playback.ts';

const made = recordedRun({ fragments: 12 });
const start = made.records[0]?.start ?? 0;

async function playback() {
  const disk = new SimDisk();
  await disk.makeRoot();
  const paths = { media: runPath(made.stream, made.run, 'media'), index: runPath(made.stream, made.run, 'index') };
  await putRun(disk, paths, { media: made.media, index: made.index });
  const root = new ArchiveRoot({
    root: '/a',
    disk,
    memory: { recall: async () => undefined, remember: async () => undefined },
    newName: () => 'a1',
    checksums: nodeChecksums,
    server: made.run.server,
    incarnation: incarnation(made.run.incarnation + 1),
    now: () => ticks(start + 900_000),
    log: silentLog,
  });
  await root.check();
  await root.load();
  const held: string[] = [];
  const on = new OwnPlayback({
    rootOf: (stream) => (stream === made.stream ? root : undefined),
    held: (stream) => held.push(stream),
    monotonic: () => instant(0),
    now: () => ticks(start + 900_000),
    segmentDuration: () => millis(2_000),
  });
  return { on, held };
}

const span = (from: number, to: number) => ({ start: ticks(start + from * 90_000), end: ticks(start + to * 90_000) });

test('a list names segments, whose bytes lie where it is said and are put onto the timeline', async () => {
  const { on, held } = await playback();
  const text = (await on.playlist(made.stream, span(0, 6))) ?? '';
  expect(text).toContain('#EXT-X-TARGETDURATION:4\n');
  expect(text).toContain('#EXT-X-ENDLIST');
  const uris = text.split('\n').filter((line) => line.endsWith('.m4s'));
  expect(uris).toHaveLength(3);
  expect(held).not.toEqual([]);
  const init = await on.init(made.stream, made.run);
  expect(init).toEqual(made.media.subarray(0, made.records[0]?.offset));
  const uri = parseArchiveUri(decodeURIComponent(uris[1] ?? ''));
  if (uri?.kind !== 'segment') throw new Error('not a segment');
  const { path, offset, length, decodeTimes } = await on.segment(made.stream, uri);
  expect(path).toBe(`/a/${runPath(made.stream, made.run, 'media')}`);
  expect([offset, offset + length]).toEqual([made.records[4]?.offset, made.records[8]?.offset]);
  const bytes = withDecodeTimes(made.media.slice(offset, offset + length), decodeTimes);
  const [track] = readFragmentHead(bytes) ?? [];
  const { origin, timescale } = made.header.tracks.find(({ id }) => id === track?.id) ?? { origin: 0, timescale: 1 };
  const seconds = Number(track?.decodeTime.value ?? 0) / timescale;
  expect(Math.abs(seconds - (made.records[4]?.start ?? 0) / 90_000)).toBeLessThan(0.3);
  expect(seconds).toBeGreaterThan(origin / timescale);
});

test('what is not over yet will be listed behind the rest', async () => {
  const { on } = await playback();
  const text = await on.playlist(made.stream, span(0, 60));
  expect(text).toContain('#EXT-X-PLAYLIST-TYPE:EVENT');
  expect(text).not.toContain('#EXT-X-ENDLIST');
});

test('what is not there is refused', async () => {
  const { on } = await playback();
  expect(await on.playlist(made.stream, span(100, 200))).toBeUndefined();
  expect(await on.playlist(streamName('other'), span(0, 6))).toBeUndefined();
  const beyond = { kind: 'segment', run: made.run, first: 10, last: 12 } as const;
  await expect(on.segment(made.stream, beyond)).rejects.toMatchObject({ code: 'segment-gone' });
  await expect(on.segment(made.stream, { ...beyond, last: 5_000 })).rejects.toMatchObject({ code: 'bad-request' });
  await expect(on.init(made.stream, { ...made.run, ordinal: 2 })).rejects.toMatchObject({ code: 'segment-gone' });
});
