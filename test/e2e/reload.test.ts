import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { framesPerClip } from '../../src/demo/cameras/frame-code.ts';
import { FfmpegClient, ffmpegMissing, holesIn, missingFrames, withoutKeepAlive } from '../support/ffmpeg.ts';
import { TestGroup, until } from './harness.ts';
import { PlaylistWatch } from './playlist-watch.ts';
import { ending, framesPastTheMove, tellsOfAHole } from './viewer.ts';

// They wait far more than they work: together they take no longer than the longer one.
describe.concurrent('a reload', () => {
  it('of a bad file is refused whole, of a good one takes effect', async () => {
    await using group = await TestGroup.start({ servers: 1, cameras: ['cam1=http:lobby', 'cam2=http:gate'] });
    const server = group.server('s1');
    await group.settled();
    const good = await readFile(group.configFile, 'utf8');
    await appendFile(group.configFile, 'stream cam3 { ulr http://127.0.0.1/x; }\n');
    const refused = await group.cli('reload', server.url);
    expect(refused.code).toBe(1);
    expect(refused.output).toContain('ulr');
    expect(await server.streams()).toHaveLength(2);
    const { cam1: other, cam2: url } = group.farm.urls;
    const withSpare = good.replace(`url ${url};`, `url ${url}; url ${other};`);
    expect(withSpare).not.toBe(good);
    await writeFile(group.configFile, `${withSpare}stream cam3 { url ${other}; }\n`);
    server.signal('SIGHUP');
    await until('the new stream to run', async () => (await server.streams())[2]?.state === 'running');
    const { cam2 } = await group.farm.connections();
    expect(cam2).toMatchObject({ open: 1, total: 1 });
  });

  it.skipIf(ffmpegMissing)(
    'that gives a running stream another camera: its viewers go on over a hole, those of other streams notice nothing',
    async ({ annotate }) => {
      const ingest = { cam1: 'capture_at=s1', cam2: 'capture_at=s1' };
      const cameras = ['cam1=http:lobby', 'cam2=rtsp:gate', 'spare=http:lobby'];
      await using group = await TestGroup.start({ servers: 2, cameras, ingest });
      await group.settled();
      const { urls } = group.farm;
      const text = await readFile(group.configFile, 'utf8');
      const withoutSpare = text.replace(/^stream spare .*\n/m, '');
      await using lists = new PlaylistWatch(['s1', 's2'], (name) => group.server(name), ['cam1', 'cam2']);
      await lists.listed(3);
      const url = (path: string): string => `${group.server('s2').url}/${path}`;
      const [hls, mpegts, other, otherMpegts] = [
        new FfmpegClient(url('cam1/index.m3u8'), withoutKeepAlive),
        new FfmpegClient(url('cam1/mpegts')),
        new FfmpegClient(url('cam2/index.m3u8'), withoutKeepAlive),
        new FfmpegClient(url('cam2/mpegts')),
      ];
      const clients = [hls, mpegts, other, otherMpegts];
      await using _ended = ending(clients);
      await Promise.all(clients.map((client) => client.decoded(50)));

      const before = group.farm.lines.all.length;
      await writeFile(group.configFile, withoutSpare.replace(`url ${urls.cam1};`, `url ${urls.spare};`));
      const signalledAt = group.server('s1').signal('SIGHUP');
      group.server('s2').signal('SIGHUP');
      const played = await group.farm.event('spare', 'play', before);
      await annotate(`the new camera played ${Math.round(played.atMs - signalledAt)} ms after the signal`);
      await Promise.all(clients.map((client) => client.decodesOn(framesPastTheMove)));

      for (const client of [hls, mpegts]) {
        // None is possible: the other camera's clip began at another time. Two that touch are one: a camera
        // sends a P picture before the B pictures shown ahead of it, and the connection may end between them.
        const holes = holesIn(client.numbers, framesPerClip);
        expect((holes.at(-1)?.before ?? 0) - (holes[0]?.before ?? 0)).toBeLessThanOrEqual(1);
        expect(client.complaints.filter((line) => !tellsOfAHole.test(line))).toEqual([]);
      }
      for (const client of [other, otherMpegts]) {
        expect(missingFrames(client.numbers, framesPerClip)).toBe(0);
        expect(client.complaints).toEqual([]);
      }
      expect(lists.faults).toEqual([]);
      const { cam1, cam2, spare } = await group.farm.connections();
      expect(cam2).toMatchObject({ open: 1, total: 1 });
      expect([cam1?.open, spare?.open]).toEqual([0, 1]);
    },
  );
});
