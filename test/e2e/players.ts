import { expect } from 'vitest';
import type { Browser, Viewer } from '../browser/browser.ts';

/** Far more than a late picture, less than the least that a lost owner costs: a group of pictures. */
const holeSeconds = 1;

/** hls.js and video.js, each through a server that doesn't own its stream, both under way. */
export async function twoPlayers(
  browser: Browser,
  index: (server: string, stream: string) => string,
): Promise<readonly Viewer[]> {
  const players = [
    await browser.watch('hlsjs', index('s2', 'lobby')),
    await browser.watch('videojs', index('s3', 'gate')),
  ];
  await Promise.all(players.map((player) => player.playing()));
  await Promise.all(players.map((player) => player.playsOn(2)));
  return players;
}

/** Milliseconds, when the player has found the way over the hole that begins after `since`. */
export async function longestStallOverHole(player: Viewer, since: number): Promise<number> {
  await player.crossesHole(since, holeSeconds);
  const { stalls, fatal } = await player.report();
  expect(fatal).toBe(false);
  return Math.round(Math.max(0, ...stalls.filter(({ at }) => at > since).map(({ ms }) => ms)));
}
