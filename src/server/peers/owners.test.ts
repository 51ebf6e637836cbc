import { describe, expect, it } from 'vitest';
import { FakeCore } from '../../../test/support/fake-core.ts';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import { runningConfig } from '../../../test/support/running-config.ts';
import type { ServerView } from '../../cluster/step/view.ts';
import { serverName, streamName } from '../../units/ids.ts';
import { instant } from '../../units/time.ts';
import { Owners } from './owners.ts';

const [a, b, c] = [serverName('a'), serverName('b'), serverName('c')];
const [cam, own, unknown] = [streamName('cam'), streamName('own'), streamName('unknown')];
const text = `
cluster_key k;
peer a { address 10.0.0.1:8080; }
peer b { address 10.0.0.2:8080; public_url https://b.example; }
peer c;
stream cam { url http://x/; cluster_ingest; source_timeout 7; }
stream own { url http://x/; }
`;

function owners() {
  const core = new FakeCore();
  core.addServer(a, { self: true });
  const clock = new ManualClock();
  return { core, clock, made: new Owners(runningConfig(text, 'a'), () => core, clock) };
}

describe('owners', () => {
  it('of a stream: who the core says, this server for its own, nobody for what is not configured', () => {
    const { core, made } = owners();
    expect(made.owner(cam)).toBeUndefined();
    for (const stream of [cam, own, unknown]) core.owners.set(stream, b);
    expect([cam, own, unknown].map((stream) => made.owner(stream))).toEqual([b, a, undefined]);
    expect([cam, own, unknown].map((stream) => made.isConfigured(stream))).toEqual([true, true, false]);
    expect(made.streams()).toEqual([cam, own]);
  });

  it('tell who wants to know of a stream, until that one has had enough', () => {
    const { made } = owners();
    const told: string[] = [];
    const stop = made.onOwnerChange(cam, () => told.push('cam'));
    made.onOwnerChange(own, () => told.push('own'));
    made.changed([cam]);
    stop();
    made.changed([cam, own]);
    expect(told).toEqual(['cam', 'own']);
  });

  it('know what the configuration says of servers and streams', () => {
    const { made } = owners();
    expect([a, b, serverName('z')].map((server) => made.publicUrl(server))).toEqual([
      'http://10.0.0.1:8080',
      'https://b.example',
      undefined,
    ]);
    expect([made.sourceTimeout(cam), made.sourceTimeout(own)]).toEqual([7_000, 10_000]);
  });

  it.each<[ServerView['state'], { live: boolean; down: boolean }]>([
    ['alive', { live: true, down: false }],
    ['suspect', { live: true, down: false }],
    ['booting', { live: false, down: false }],
    ['draining', { live: false, down: false }],
    ['dead', { live: false, down: true }],
  ])('a server that is %s', (state, { live, down }) => {
    const { core, made } = owners();
    core.addServer(b, { state, lastHeard: instant(1) });
    expect([made.liveServers().includes(b), made.isDown(b)]).toEqual([live, down]);
    // Who boots or leaves knows what it had, too.
    expect(made.reachablePeers()).toEqual(down ? [] : [b]);
    expect(made.view(b)?.state).toBe(state);
  });

  it('a peer that is presumed to start, but is not heard, can not be asked', () => {
    const { core, made } = owners();
    core.addServer(b, { state: 'booting', lastHeard: undefined });
    expect(made.reachablePeers()).toEqual([]);
  });

  it('a server that the core does not know is neither live nor down', () => {
    const { made } = owners();
    expect([made.liveServers().includes(c), made.isDown(c), made.view(c)]).toEqual([false, false, undefined]);
  });

  it('this server is in a minority when it says so itself, whatever others say of themselves', () => {
    const { core, made } = owners();
    core.addServer(b, { minority: true });
    expect(made.isMinority()).toBe(false);
    core.serverViews[0] = { ...core.serverViews[0], name: a, minority: true } as ServerView;
    made.serversChanged();
    expect(made.isMinority()).toBe(true);
  });

  it('ask the core for its servers ten times a second at most, and at once after news', async () => {
    const { core, clock, made } = owners();
    for (let i = 0; i < 5; i++) made.isDown(b);
    expect(core.looks).toBe(1);
    await clock.advance(ms(101));
    made.isDown(b);
    expect(core.looks).toBe(2);
    made.serversChanged();
    made.isDown(b);
    made.changed([cam]);
    made.isDown(b);
    expect(core.looks).toBe(4);
  });
});
