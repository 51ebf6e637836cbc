import { describe, expect, it } from 'vitest';
import { framesPerClip } from '../../src/demo/cameras/frame-code.ts';
import { Browser, browserMissing } from '../browser/browser.ts';
import { noticedSince } from '../browser/continuity.ts';
import { FfmpegClient, ffmpegMissing, ffprobe, holesIn, missingFrames, withoutKeepAlive } from '../support/ffmpeg.ts';
import { capturedOnce, TestGroup } from './harness.ts';
import { PlaylistWatch } from './playlist-watch.ts';

const streams = ['lobby', 'gate'] as const;
const cameras = ['lobby=http:lobby', 'gate=rtsp:gate'];
const capturedAtS1 = { lobby: 'capture_at=s1', gate: 'capture_at=s1' };
/** Players begin twelve seconds before the end of a list, or at its beginning. */
const beginWithSegments = 5;
const pastTheFailbackSeconds = 13;
/** All servers show the same list but for the way of the news, and a busy machine. */
const longestLagMs = 1_000;
/** Nine seconds: ffmpeg begins three segments behind the end of the list. */
const framesPastTheDrain = 225;

// They wait far more than they work: together they take no longer than the longer one.
describe.concurrent('a stream moves', () => {
  it.skipIf(browserMissing || ffmpegMissing)(
    'back to its home: players show every picture, ffmpeg loses no frame',
    async ({ annotate }) => {
      await using group = await TestGroup.start({ servers: 3, cameras, ingest: capturedAtS1 });
      const index = (server: string, stream: string): string => `${group.server(server).url}/${stream}/index.m3u8`;
      await group.settled();
      await using lists = new PlaylistWatch(['s1', 's2', 's3'], (name) => group.server(name), streams);
      await lists.listed(3);
      // These live through the kill, too.
      await using lobby = new FfmpegClient(index('s3', 'lobby'), withoutKeepAlive);
      await using gate = new FfmpegClient(index('s2', 'gate'), withoutKeepAlive);
      const clients = [lobby, gate];
      await Promise.all(clients.map((client) => client.decoded(50)));
      group.server('s1').signal('SIGKILL');
      await using browser = await Browser.open();
      await Promise.all(streams.map((stream) => lists.next(stream)));
      await lists.listed(beginWithSegments);
      const players = [
        await browser.watch('hlsjs', index('s2', 'lobby')),
        await browser.watch('videojs', index('s3', 'gate')),
      ];
      await Promise.all(players.map((player) => player.playing()));
      await Promise.all(players.map((player) => player.playsOn(2, 20_000)));
      const complaintsOfTheKill = clients.map((client) => client.complaints.length);
      const before = Date.now();

      const returned = group.startServer('s1');
      for (const stream of streams) {
        await returned.logged(
          `the failback of ${stream}`,
          (entry) => entry.kind === 'failback' && entry.stream === stream,
        );
      }
      await Promise.all([
        ...players.map((player) => player.playsOn(pastTheFailbackSeconds, 30_000)),
        ...clients.map((client) => client.decodesOn(pastTheFailbackSeconds * 25)),
      ]);
      for (const player of players) expect(noticedSince(await player.report(), before)).toEqual([]);
      for (const [i, client] of clients.entries()) {
        // The one that the kill left.
        expect(holesIn(client.numbers, framesPerClip)).toHaveLength(1);
        expect(client.complaints.slice(complaintsOfTheKill[i])).toEqual([]);
      }
      expect(lists.faults).toEqual([]);
      for (const stream of streams) {
        await annotate(`${stream}: lists ${lists.lag(stream)} ms apart at most`);
        expect(lists.lag(stream)).toBeLessThan(longestLagMs);
      }
    },
    120_000,
  );

  it.skipIf(ffmpegMissing)(
    'away from a draining owner: ffmpeg decodes HLS and MPEG-TS without a word and loses no frame',
    async () => {
      await using group = await TestGroup.start({ servers: 3, cameras, ingest: capturedAtS1 });
      const url = (server: string, path: string): string => `${group.server(server).url}/${path}`;
      await group.settled();
      await using lists = new PlaylistWatch(['s1', 's2', 's3'], (name) => group.server(name), streams);
      await lists.listed(3);
      const probes = [
        ffprobe(url('s1', 'lobby/index.m3u8'), withoutKeepAlive),
        ffprobe(url('s2', 'lobby/mpegts')),
        ffprobe(url('s3', 'gate/index.m3u8'), withoutKeepAlive),
        ffprobe(url('s1', 'gate/mpegts')),
      ];
      const sound = { codecs: ['aac', 'h264'], complaints: [] };
      for (const probed of await Promise.all(probes)) expect(probed).toEqual(sound);

      const clients = [
        new FfmpegClient(url('s2', 'lobby/index.m3u8'), withoutKeepAlive, true),
        new FfmpegClient(url('s3', 'gate/index.m3u8'), withoutKeepAlive, true),
        // s1 has the streams: it serves these itself, and relays to them afterwards.
        new FfmpegClient(url('s1', 'lobby/mpegts'), [], true),
        new FfmpegClient(url('s1', 'gate/mpegts'), [], true),
        // Redirected there.
        new FfmpegClient(url('s2', 'gate/mpegts'), [], true),
      ];
      await using _ended = ending(clients);
      await Promise.all(clients.map((client) => client.decoded(50)));
      expect((await group.cli('drain', group.server('s1').url)).code).toBe(0);
      await capturedOnce(group);
      await Promise.all(clients.map((client) => client.decodesOn(framesPastTheDrain)));
      for (const { numbers, complaints } of clients) {
        expect(missingFrames(numbers, framesPerClip)).toBe(0);
        expect(complaints).toEqual([]);
      }
      expect(lists.faults).toEqual([]);
    },
    90_000,
  );
});

/** Ends them all with the scope that it is declared in. */
function ending(clients: readonly FfmpegClient[]): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.end()));
    },
  };
}
