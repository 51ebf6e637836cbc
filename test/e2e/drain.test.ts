import { describe, expect, it } from 'vitest';
import { framesPerClip } from '../../src/demo/cameras/frame-code.ts';
import { FfmpegClient, ffmpegMissing, missingFrames, withoutKeepAlive } from '../support/ffmpeg.ts';
import type { CameraEvent } from './farm-process.ts';
import { capturedOnce, TestGroup } from './harness.ts';
import { ending, framesPastTheMove } from './viewer.ts';

const clips = ['lobby', 'gate', 'yard'];
const cameras = Array.from({ length: 24 }, (_, i) => `cam${i + 1}=http:${clips[i % clips.length]}`);
/** From a server's decision to close a connection until the camera knows, on a busy machine. */
const closingMs = 500;
/** The default of `handovers`. */
const handoversAtOnce = 5;

describe('a server with many streams', () => {
  it.skipIf(ffmpegMissing)(
    'is drained: a few streams move at a time, and viewers of those that moved first, in the middle and last lose no frame',
    async () => {
      await using group = await TestGroup.start({ servers: 3, cameras });
      await group.settled();
      const moving = (await group.server('s1').streams()).filter((stream) => stream.home === 's1');
      expect(moving).toHaveLength(8);
      const sampled = [moving[0], moving[3], moving[7]].flatMap((stream) => stream?.name ?? []);
      const clients = sampled.map(
        (stream) => new FfmpegClient(`${group.server('s2').url}/${stream}/index.m3u8`, withoutKeepAlive),
      );
      await using _ended = ending(clients);
      await Promise.all(clients.map((client) => client.decoded(50)));

      const before = group.farm.lines.all.length;
      const connectedBefore = await group.farm.connections();
      const drained = await group.cli('drain', group.server('s1').url);
      expect(drained).toEqual({ code: 0, output: 'drained: it captures nothing of the group\n' });
      await capturedOnce(group);
      const most = mostDoubleConnections(group.farm.events(before));
      expect(most).toBeGreaterThan(1);
      expect(most).toBeLessThanOrEqual(handoversAtOnce);

      await Promise.all(clients.map((client) => client.decodesOn(framesPastTheMove)));
      for (const { numbers, complaints } of clients) {
        expect(missingFrames(numbers, framesPerClip)).toBe(0);
        expect(complaints).toEqual([]);
      }
      // The others' connections are the ones that they had.
      const names = new Set<string>(moving.map(({ name }) => name));
      for (const [name, { total }] of Object.entries(await group.farm.connections())) {
        expect([name, total - (connectedBefore[name]?.total ?? 0)]).toEqual([name, names.has(name) ? 1 : 0]);
      }
    },
  );
});

/**
 * Of how many cameras at once two servers were connected: so many streams were being handed over. A connection counts no more once its server
 * closes it, of which the camera learns a moment later.
 */
function mostDoubleConnections(events: readonly CameraEvent[]): number {
  const doubled = new Set<string>();
  let most = 0;
  for (const [i, { camera, open, atMs }] of events.entries()) {
    if (open > 1) doubled.add(camera);
    else doubled.delete(camera);
    const until = events.slice(i + 1).find((event) => event.event === 'close')?.atMs ?? Number.POSITIVE_INFINITY;
    if (until - atMs > closingMs) most = Math.max(most, doubled.size);
  }
  return most;
}
