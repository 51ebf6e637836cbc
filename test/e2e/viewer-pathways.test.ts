import { describe, expect, it } from 'vitest';
import { Browser, browserMissing } from '../browser/browser.ts';
import { TestGroup } from './harness.ts';
import { PlaylistWatch } from './playlist-watch.ts';

describe.skipIf(browserMissing)('a viewer who asked for pathways', () => {
  it('plays on without a stall when the server that it entered by dies', async () => {
    await using group = await TestGroup.start({
      servers: 3,
      cameras: ['lobby=http:lobby'],
      ingest: { lobby: 'capture_at=s2' },
    });
    await group.settled();
    await using lists = new PlaylistWatch(['s2', 's3'], (name) => group.server(name), ['lobby']);
    await using browser = await Browser.open();
    await lists.listed(4);
    const player = await browser.watch('hlsjs', `${group.server('s1').url}/lobby/index.m3u8?pathways=1`);
    await player.playing();
    await player.playsOn(2, 20_000);

    const killedAt = group.server('s1').signal('SIGKILL');
    await player.playsOn(14, 30_000);
    const { stalls, seeks, fatal } = await player.report();
    expect(stalls.filter(({ at }) => at > killedAt)).toEqual([]);
    expect(seeks.filter(({ at }) => at > killedAt)).toEqual([]);
    expect(fatal).toBe(false);
    expect(lists.faults).toEqual([]);
  }, 90_000);
});
