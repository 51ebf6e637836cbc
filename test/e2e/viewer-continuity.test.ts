import { describe, expect, it } from 'vitest';
import { framesPerClip } from '../../src/demo/cameras/frame-code.ts';
import { Browser, browserMissing } from '../browser/browser.ts';
import { noticedSince } from '../browser/continuity.ts';
import { FfmpegClient, ffmpegMissing, ffprobe, holesIn, missingFrames, withoutKeepAlive } from '../support/ffmpeg.ts';
import { capturedOnce, TestGroup, until } from './harness.ts';
import { longestStallOverHole, twoPlayers } from './players.ts';
import { PlaylistWatch } from './playlist-watch.ts';
import { ending, framesPastTheMove, tellsOfAHole } from './viewer.ts';

const streams = ['lobby', 'gate'] as const;
const cameras = ['lobby=http:lobby', 'gate=rtsp:gate'];
const servers = ['s1', 's2', 's3'] as const;
const capturedAt = (server: string): Record<string, string> => ({
  lobby: `capture_at=${server}`,
  gate: `capture_at=${server}`,
});
/**
 * Two seconds. hls.js leaves a hole of several groups of pictures when it next reads the list, which it does once a segment, every
 * two seconds; the rest is for reading, seeking, and the grain of the measurement.
 */
const longestStallAtKillMs = 2_000 + 150;
/** All servers show the same list but for the way of the news, and a busy machine. */
const longestLagMs = 1_000;
/** Players are twelve seconds behind the end of the list at most. */
const pastTheFailbackSeconds = 13;

// Moments count here, so nothing else runs beside; but they wait far more than they work, and together take no longer than the longest.
describe.concurrent('viewers', () => {
  it.skipIf(browserMissing || ffmpegMissing)(
    'through another server: two seconds when the owner is killed, and nothing at all when it takes its streams back',
    async ({ annotate }) => {
      await using group = await TestGroup.start({
        servers: 3,
        cameras,
        ingest: capturedAt('s1'),
        settings: 'failback_delay 1s;',
      });
      const index = (server: string, stream: string): string => `${group.server(server).url}/${stream}/index.m3u8`;
      await group.settled();
      await using lists = new PlaylistWatch(servers, (name) => group.server(name), streams);
      await using browser = await Browser.open();
      await lists.listed(4);
      await using lobby = new FfmpegClient(index('s3', 'lobby'), withoutKeepAlive);
      await using gate = new FfmpegClient(index('s2', 'gate'), withoutKeepAlive);
      const clients = [lobby, gate];
      const players = await twoPlayers(browser, index);
      await Promise.all(clients.map((client) => client.decoded(50)));

      // The hardest moment: who has not read the list yet must not learn of a segment that dies with its server.
      await lists.next('gate');
      const killedAt = group.server('s1').signal('SIGKILL');
      for (const player of players) {
        const stall = await longestStallOverHole(player, killedAt);
        await annotate(`${player.name} stood still for ${stall} ms`);
        expect(stall).toBeLessThanOrEqual(longestStallAtKillMs);
      }
      for (const client of clients) {
        await until('ffmpeg to cross the hole', async () => holesIn(client.numbers, framesPerClip).length > 0);
        await annotate(`ffmpeg missed ${(holesIn(client.numbers, framesPerClip)[0]?.missing ?? 0) / 25} s of video`);
      }
      await Promise.all(players.map((player) => player.playsOn(2)));
      const complaintsOfTheKill = clients.map((client) => client.complaints.length);
      const before = Date.now();

      const returned = group.startServer('s1');
      await Promise.all(
        streams.map((stream) =>
          returned.logged(`the failback of ${stream}`, (told) => told.kind === 'failback' && told.stream === stream),
        ),
      );
      await Promise.all([
        ...players.map((player) => player.playsOn(pastTheFailbackSeconds)),
        ...clients.map((client) => client.decodesOn(pastTheFailbackSeconds * 25)),
      ]);
      for (const player of players) expect(noticedSince(await player.report(), before)).toEqual([]);
      for (const [i, { numbers, complaints }] of clients.entries()) {
        // The one that the kill left.
        expect(holesIn(numbers, framesPerClip)).toHaveLength(1);
        expect(complaints.slice(0, complaintsOfTheKill[i]).filter((line) => !tellsOfAHole.test(line))).toEqual([]);
        expect(complaints.slice(complaintsOfTheKill[i])).toEqual([]);
      }
      expect(lists.faults).toEqual([]);
      for (const stream of streams) {
        await annotate(`${stream}: lists ${lists.lag(stream)} ms apart at most`);
        expect(lists.lag(stream)).toBeLessThan(longestLagMs);
      }
    },
  );

  it.skipIf(ffmpegMissing)(
    'of a draining owner: ffmpeg decodes HLS and MPEG-TS without a word and loses no frame',
    async () => {
      await using group = await TestGroup.start({ servers: 3, cameras, ingest: capturedAt('s1') });
      const url = (server: string, path: string): string => `${group.server(server).url}/${path}`;
      await group.settled();
      await using lists = new PlaylistWatch(servers, (name) => group.server(name), streams);
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
      await Promise.all(clients.map((client) => client.decodesOn(framesPastTheMove)));
      for (const { numbers, complaints } of clients) {
        expect(missingFrames(numbers, framesPerClip)).toBe(0);
        expect(complaints).toEqual([]);
      }
      expect(lists.faults).toEqual([]);
    },
  );

  it.skipIf(browserMissing)('who entered by a server that is killed, with pathways: no stall', async () => {
    await using group = await TestGroup.start({ servers: 3, cameras, ingest: capturedAt('s2') });
    await group.settled();
    await using lists = new PlaylistWatch(['s2', 's3'], (name) => group.server(name), streams);
    await using browser = await Browser.open();
    await lists.listed(4);
    const player = await browser.watch('hlsjs', `${group.server('s1').url}/lobby/index.m3u8?pathways=1`);
    await player.playing();
    await player.playsOn(2);

    const killedAt = group.server('s1').signal('SIGKILL');
    await player.playsOn(14);
    const { stalls, seeks, fatal } = await player.report();
    expect(stalls.filter(({ at }) => at > killedAt)).toEqual([]);
    expect(seeks.filter(({ at }) => at > killedAt)).toEqual([]);
    expect(fatal).toBe(false);
    expect(lists.faults).toEqual([]);
  });
});
