import { describe, expect, it } from 'vitest';
import { framesPerClip } from '../../src/demo/cameras/frame-code.ts';
import { Browser, browserMissing } from '../browser/browser.ts';
import { noticedSince } from '../browser/continuity.ts';
import { FfmpegClient, ffmpegMissing, holesIn, withoutKeepAlive } from '../support/ffmpeg.ts';
import { TestGroup, until } from './harness.ts';
import { PlaylistWatch } from './playlist-watch.ts';

/**
 * DESIGN 9: two seconds. hls.js leaves a hole of several groups of pictures when it next reads the list, which it does once a segment, every
 * two seconds; the rest is for reading, seeking, and the grain of the measurement.
 */
const longestStallMs = 2_000 + 150;
/** Far more than a late picture, less than the least that a kill costs: a group of pictures. */
const holeSeconds = 1;
/** All servers show the same list but for the way of the news, and a busy machine. */
const longestLagMs = 1_000;
/** What ffmpeg says, rightly, of the hole that a kill leaves, and of a segment that was told of but died with its server. */
const tellsOfTheHole = /skipping \d+ segments ahead, expired from playlists|HTTP error 503|[Ff]ailed to open segment/;

describe.skipIf(browserMissing || ffmpegMissing)('viewers who ask another server than the owner', () => {
  it('wait two seconds at most when it is killed, and notice nothing when it takes the stream back', async ({
    annotate,
  }) => {
    await using group = await TestGroup.start({
      servers: 3,
      cameras: ['lobby=http:lobby', 'gate=rtsp:gate'],
      ingest: { lobby: 'capture_at=s1', gate: 'capture_at=s1' },
    });
    const index = (server: string, stream: string): string => `${group.server(server).url}/${stream}/index.m3u8`;
    const streams = ['lobby', 'gate'] as const;
    await group.settled();
    await using lists = new PlaylistWatch(['s1', 's2', 's3'], (name) => group.server(name), streams);
    await using browser = await Browser.open();
    await lists.listed(5);
    await using lobby = new FfmpegClient(index('s3', 'lobby'), withoutKeepAlive);
    await using gate = new FfmpegClient(index('s2', 'gate'), withoutKeepAlive);
    const clients = [lobby, gate];
    const players = [
      await browser.watch('hlsjs', index('s2', 'lobby')),
      await browser.watch('videojs', index('s3', 'gate')),
    ];
    await Promise.all(players.map((player) => player.playing()));
    await Promise.all([
      ...players.map((player) => player.playsOn(2, 20_000)),
      ...clients.map((client) => client.decoded(50)),
    ]);

    const linesBefore = group.farm.lines.all.length;
    const killedAt = group.server('s1').signal('SIGKILL');
    await Promise.all(streams.map((stream) => group.farm.event(stream, 'play', linesBefore)));
    const returned = group.startServer('s1');
    await Promise.all([
      ...players.map((player) => player.crossesHole(killedAt, holeSeconds, 30_000)),
      ...clients.map((client) =>
        until('ffmpeg to cross the hole', async () => holesIn(client.numbers, framesPerClip).length > 0),
      ),
    ]);
    const crossedAt = Date.now();
    for (const player of players) {
      const { stalls, fatal, errors } = await player.report();
      const longest = Math.max(0, ...stalls.filter(({ at }) => at > killedAt).map(({ ms }) => ms));
      await annotate(`${player.name} stood still for ${Math.round(longest)} ms`);
      expect(longest).toBeLessThanOrEqual(longestStallMs);
      expect({ fatal, errors }).toMatchObject({ fatal: false });
    }
    const complaintsOfTheHole = clients.map((client) => client.complaints);
    expect(complaintsOfTheHole.flat().filter((line) => !tellsOfTheHole.test(line))).toEqual([]);

    await Promise.all(
      streams.map((stream) =>
        returned.logged(`the failback of ${stream}`, (entry) => entry.kind === 'failback' && entry.stream === stream, {
          within: 40_000,
        }),
      ),
    );
    // Players are up to twelve seconds behind.
    await Promise.all([
      ...players.map((player) => player.playsOn(14, 30_000)),
      ...clients.map((client) => client.decodesOn(300)),
    ]);
    for (const player of players) expect(noticedSince(await player.report(), crossedAt)).toEqual([]);
    for (const [i, client] of clients.entries()) {
      const holes = holesIn(client.numbers, framesPerClip);
      await annotate(`${streams[i]}: ${(holes[0]?.missing ?? 0) / 25} s of video lost at the kill`);
      expect(holes).toHaveLength(1);
      expect(client.complaints).toEqual(complaintsOfTheHole[i]);
    }
    expect(lists.faults).toEqual([]);
    for (const stream of streams) {
      await annotate(`${stream}: lists ${lists.lag(stream)} ms apart at most`);
      expect(lists.lag(stream)).toBeLessThan(longestLagMs);
    }
  }, 120_000);
});
