import { describe, expect, it } from 'vitest';
import { framesPerClip } from '../../src/demo/cameras/frame-code.ts';
import { ffmpegMissing, holesIn } from '../support/ffmpeg.ts';
import { TestGroup, until } from './harness.ts';
import { framesPastTheMove, watch } from './viewer.ts';

/** Of the clips. */
const keyframeDistance = 50;
/** Half a second may be shown twice. */
const mostRepeated = 13;

describe('the preferred url of a stream', () => {
  it.skipIf(ffmpegMissing)(
    'is gone back to by itself when it is good again, and viewers miss at most a distance of keyframes',
    async ({ annotate }) => {
      await using group = await TestGroup.start({
        servers: 1,
        cameras: ['cam=rtsp:gate', 'spare=rtsp:gate'],
        textFor: async (_server, text) => {
          const [, spare] = /stream spare \{ url (\S+);/.exec(text) ?? [];
          return text.replace(/(stream cam \{ url \S+;)/, `$1 url ${spare};`);
        },
      });
      const server = group.server('s1');
      await group.settled();
      const switched = async () =>
        (await server.events()).filter(({ kind, stream }) => kind === 'source-switched' && stream === 'cam');

      await group.farm.control('cam', { state: 'dead' });
      await until('the second url to be read', async () => (await switched()).length === 1);
      await using viewer = watch(server, 'cam');
      await viewer.decoded(50);
      // The same camera by another way: every picture that is missed then is lost.
      await group.farm.control('cam', { state: 'alive', redirect: group.farm.urls.spare ?? '' });
      await until('the preferred url to be read again', async () => (await switched()).length === 2, 60_000);
      await viewer.decodesOn(framesPastTheMove);

      const missed = holesIn(viewer.numbers, framesPerClip).map(({ missing }) => missing);
      expect(missed.length).toBeLessThanOrEqual(1);
      const step = missed[0] ?? 0;
      const lost = step < framesPerClip - mostRepeated ? step : 0;
      await annotate(`lost ${lost} pictures`);
      expect(lost).toBeLessThanOrEqual(keyframeDistance);
      expect(viewer.complaints).toEqual([]);
      const { cam, spare } = group.farm.urls;
      expect(await switched()).toMatchObject([
        { source: spare, cause: `${cam} ended the connection` },
        { source: cam, cause: 'a url before it in the list is good again' },
      ]);
      // One of its own, and one of the way that is preferred.
      await until('the second url to be left', async () => (await group.farm.connections()).spare?.open === 2);
    },
  );
});
