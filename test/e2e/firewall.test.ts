import { describe, expect, it } from 'vitest';
import { framesPerClip } from '../../src/demo/cameras/frame-code.ts';
import { ffmpegMissing, missingFrames } from '../support/ffmpeg.ts';
import { TestGroup, until } from './harness.ts';
import { PlaylistWatch } from './playlist-watch.ts';
import { watch } from './viewer.ts';
import { Wires } from './wires.ts';

/** Fifteen seconds: far more than ffmpeg has in its buffer and in the list that it knows. */
const framesPastTheCut = 375;

describe('a firewall between two of three servers', () => {
  it.skipIf(ffmpegMissing)(
    'captures nothing twice, and viewers of the server that is cut off from the owner play on by way of the third',
    async () => {
      await using wires = new Wires();
      await using group = await TestGroup.start({
        servers: 3,
        cameras: ['cam1=http:lobby'],
        ingest: { cam1: 'capture_at=s2' },
        peer: 'fetch_timeout 500ms; stale_timeout 2s;',
        textFor: async (name, text, ports) => {
          const other = name === 's1' ? 's2' : 's1';
          const port = ports.get(other) ?? 0;
          if (name === 's3') return text;
          // Viewers are not behind the firewall.
          const seen = `127.0.0.1:${await wires.to(port)}; public_url http://127.0.0.1:${port};`;
          return text.replace(`127.0.0.1:${port};`, seen);
        },
      });
      await group.settled();
      await using lists = new PlaylistWatch(['s1', 's2', 's3'], (name) => group.server(name), ['cam1']);
      await lists.listed(4);
      await using viewer = watch(group.server('s1'), 'cam1');
      await viewer.decoded(50);

      wires.cut();
      await until('s1 to hear s2 by s3 only', async () => {
        const servers = await group.server('s1').servers();
        return servers.find(({ name }) => name === 's2')?.state === 'suspect';
      });
      await viewer.decodesOn(framesPastTheCut);
      expect(missingFrames(viewer.numbers, framesPerClip)).toBe(0);
      expect(lists.faults).toEqual([]);
      expect((await group.farm.connections()).cam1).toMatchObject({ open: 1, mostOpen: 1, total: 1 });
      const mpegts = await fetch(`${group.server('s1').url}/cam1/mpegts`);
      expect([mpegts.status, new URL(mpegts.url).port]).toEqual([200, new URL(group.server('s2').url).port]);
      await mpegts.body?.cancel();
    },
  );
});
