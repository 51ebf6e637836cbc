import { describe, expect, it } from 'vitest';
import { Browser, browserMissing } from '../browser/browser.ts';
import { TestGroup } from './harness.ts';
import { longestStallOverHole, twoPlayers } from './players.ts';
import { PlaylistWatch } from './playlist-watch.ts';
import { Wires } from './wires.ts';

const cameras = ['lobby=http:lobby', 'gate=rtsp:gate'];
const capturedAtS1 = { lobby: 'capture_at=s1', gate: 'capture_at=s1' };
const staleTimeoutMs = 2_000;
/** The stand-in's connection, three groups of pictures until its list can be shown, and the player's next look at it. */
const afterStaleTimeoutMs = 9_000;
/** A segment of the clip, of 17 kB, takes more than half of its two seconds: the player has little in its buffer. */
const slowBytesPerSecond = 14_000;
/** hls.js asks again after a second, is held until the stand-in has a list, is told that the segment is lost, and asks anew after two more. */
const longestStallMidDownloadMs = 5_000;

// They wait far more than they work: together they take no longer than the longer one.
describe.concurrent('an owner is lost', () => {
  it.skipIf(browserMissing)('frozen: viewers go on by themselves soon after stale_timeout', async ({ annotate }) => {
    const peer = `fetch_timeout 500ms; stale_timeout ${staleTimeoutMs}ms;`;
    await using group = await TestGroup.start({ servers: 3, cameras, ingest: capturedAtS1, peer });
    await group.settled();
    await using lists = watch(group);
    await using browser = await Browser.open();
    await lists.listed(3);
    const players = await twoPlayers(browser, (server, stream) => index(group, server, stream));

    // The hardest moment: players have yet to ask for the segment, and a player that is sent to the frozen server for it waits there without
    // end. So does one that is just loading something from there, which nobody can help.
    await lists.next('gate');
    await Promise.all(players.map((player) => player.idle()));
    const frozenAt = group.server('s1').signal('SIGSTOP');
    for (const player of players) {
      const stall = await longestStallOverHole(player, frozenAt);
      await annotate(`${player.name} stood still for ${stall} ms`);
      expect(stall).toBeLessThan(staleTimeoutMs + afterStaleTimeoutMs);
    }
    await Promise.all(players.map((player) => player.playsOn(2)));
    expect(lists.faults).toEqual([]);
  });

  it.skipIf(browserMissing)(
    'killed in the middle of a slow download: hls.js goes on by itself',
    async ({ annotate }) => {
      await using wires = new Wires();
      await using group = await TestGroup.start({
        servers: 3,
        cameras,
        ingest: capturedAtS1,
        textFor: async (_name, text, ports) => {
          const port = ports.get('s1') ?? 0;
          const seen = `127.0.0.1:${port}; public_url http://127.0.0.1:${await wires.to(port)};`;
          return text.replace(`127.0.0.1:${port};`, seen);
        },
      });
      await group.settled();
      await using lists = watch(group);
      await using browser = await Browser.open();
      await lists.listed(4);
      const player = await browser.watch('hlsjs', index(group, 's2', 'lobby'));
      await player.playing();
      wires.slow(slowBytesPerSecond);
      await player.playsOn(4);

      await player.receiving();
      const killedAt = group.server('s1').signal('SIGKILL');
      const stall = await longestStallOverHole(player, killedAt);
      await annotate(`hls.js stood still for ${stall} ms`);
      expect(stall).toBeLessThan(longestStallMidDownloadMs);
      const { errors } = await player.report();
      const whatBroke = errors.filter(({ at, what }) => at >= killedAt && what.includes('fragLoadError'));
      expect(whatBroke.length).toBeGreaterThan(0);
      await player.playsOn(2);
      expect(lists.faults).toEqual([]);
    },
  );
});

function index(group: TestGroup, server: string, stream: string): string {
  return `${group.server(server).url}/${stream}/index.m3u8`;
}

/** At the servers that stay. */
function watch(group: TestGroup): PlaylistWatch {
  return new PlaylistWatch(['s2', 's3'], (name) => group.server(name), ['lobby', 'gate']);
}
