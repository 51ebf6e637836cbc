import { describe, expect, it } from 'vitest';
import { framesPerClip } from '../../src/demo/cameras/frame-code.ts';
import { FfmpegClient, ffmpegMissing, ffprobe, missingFrames, withoutKeepAlive } from '../support/ffmpeg.ts';
import { capturedOnce, TestGroup } from './harness.ts';
import { PlaylistWatch } from './playlist-watch.ts';

const streams = ['lobby', 'gate'] as const;
/** Nine seconds: ffmpeg begins three segments behind the end of the list. */
const pastTheHandover = 225;

describe.skipIf(ffmpegMissing)('ffmpeg', () => {
  it('decodes HLS and MPEG-TS of every server without a word, and loses no frame when the owner is drained', async () => {
    await using group = await TestGroup.start({
      servers: 3,
      cameras: ['lobby=http:lobby', 'gate=rtsp:gate'],
      ingest: { lobby: 'capture_at=s1', gate: 'capture_at=s1' },
    });
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
    await Promise.all(clients.map((client) => client.decoded(50)));
    expect((await group.cli('drain', group.server('s1').url)).code).toBe(0);
    await capturedOnce(group);
    await Promise.all(clients.map((client) => client.decodesOn(pastTheHandover)));
    for (const client of clients) {
      const { numbers, complaints } = await client.end();
      expect(missingFrames(numbers, framesPerClip)).toBe(0);
      expect(complaints).toEqual([]);
    }
    expect(lists.faults).toEqual([]);
  }, 90_000);
});
