import { describe, expect, it } from 'vitest';
import { Browser, browserMissing } from '../browser/browser.ts';
import { TestGroup } from './harness.ts';
import { PlaylistWatch } from './playlist-watch.ts';

/** What a frozen owner costs at least: a group of pictures of two seconds. */
const holeSeconds = 1;
const staleTimeoutMs = 2_000;
/** The stand-in's connection, two groups of pictures until its first segment is there, and the player's next look at the list. */
const afterwardsMs = 7_000;

describe.skipIf(browserMissing)('viewers of a stream whose owner freezes', () => {
  it('go on by themselves soon after stale_timeout', async ({ annotate }) => {
    await using group = await TestGroup.start({
      servers: 3,
      cameras: ['lobby=http:lobby', 'gate=rtsp:gate'],
      ingest: { lobby: 'capture_at=s1', gate: 'capture_at=s1' },
      peer: `fetch_timeout 500ms; stale_timeout ${staleTimeoutMs}ms;`,
    });
    await group.settled();
    await using lists = new PlaylistWatch(['s2', 's3'], (name) => group.server(name), ['lobby', 'gate']);
    await using browser = await Browser.open();
    await lists.listed(3);
    const players = [
      await browser.watch('hlsjs', `${group.server('s2').url}/lobby/index.m3u8`),
      await browser.watch('videojs', `${group.server('s3').url}/gate/index.m3u8`),
    ];
    await Promise.all(players.map((player) => player.playing()));
    await Promise.all(players.map((player) => player.playsOn(2, 20_000)));

    const frozenAt = group.server('s1').signal('SIGSTOP');
    await Promise.all(players.map((player) => player.crossesHole(frozenAt, holeSeconds, 30_000)));
    for (const player of players) {
      const { stalls, fatal } = await player.report();
      const longest = Math.max(0, ...stalls.filter(({ at }) => at > frozenAt).map(({ ms }) => ms));
      await annotate(`${player.name} stood still for ${Math.round(longest)} ms`);
      expect(longest).toBeLessThan(staleTimeoutMs + afterwardsMs);
      expect(fatal).toBe(false);
    }
    await Promise.all(players.map((player) => player.playsOn(4, 20_000)));
    expect(lists.faults).toEqual([]);
  }, 90_000);
});
