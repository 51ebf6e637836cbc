import { describe, expect, it } from 'vitest';
import { ManualClock, ms } from '../../test/support/manual-clock.ts';
import { nodeHmac } from '../adapters/hmac.ts';
import { createClusterCore } from '../cluster/cluster-core.ts';
import type { ClusterConfig } from '../cluster/step/cluster-config.ts';
import type { Event } from '../cluster/step/event.ts';
import { incarnation, serverName, streamName } from '../units/ids.ts';
import { millis } from '../units/time.ts';
import { Group } from './group.ts';

const [a, b] = [serverName('a'), serverName('b')];
const server = (name: typeof a) => ({ name, fetchTimeout: millis(3_000), staleTimeout: millis(10_000), weight: 1 });
const config: ClusterConfig = {
  servers: [server(a), server(b)],
  streams: [{ name: streamName('cam'), captureAt: a, handover: 'seamless', sourceTimeout: millis(10_000) }],
  failbackDelay: millis(5_000),
  handovers: 5,
  partition: 'capture',
  digest: 'd',
};

/** The server `a`, whose only peer answers nothing, up for 12 s. */
async function settled() {
  const clock = new ManualClock();
  const starts: string[] = [];
  let life = 1;
  const group = new Group(
    {
      self: a,
      clock,
      hmac: nodeHmac,
      http: {
        async post() {
          await clock.sleep(ms(1_000));
          return { ok: false, reason: 'unreachable' };
        },
      },
      createCore: createClusterCore,
      random: () => 0.5,
      config: () => config,
      clusterKey: () => 'k',
      address: () => ({ host: 'b', port: 1 }),
      nextIncarnation: async () => incarnation(++life),
      captures: { start: ({ stream }) => starts.push(stream), stop() {}, dropAll() {} },
      clocks: { reading: (at) => ({ receivedMs: at }), heard() {}, now: () => clock.monotonic() },
      ownersChanged() {},
      notice() {},
      left() {},
      onRejected() {},
      onFatal(error) {
        throw error;
      },
    },
    incarnation(life),
  );
  group.begin();
  await clock.advance(ms(12_000));
  expect(starts).toEqual(['cam']);
  const ask = async (event: Event): Promise<void> => {
    group.post(event);
    await clock.advance(ms(3_000));
  };
  /** As long as its peers need to take its streams, and then half a minute of a new life. */
  const standStill = async (): Promise<void> => {
    const before = group.incarnation;
    starts.length = 0;
    clock.standStill(ms(15_000));
    await clock.advance(ms(30_000));
    expect(group.incarnation).toBeGreaterThan(before);
  };
  const state = () => group.core.servers(clock.monotonic()).find(({ self }) => self)?.state;
  return { ask, standStill, state, starts };
}

describe('a server that stood still so long that it begins a new life', () => {
  it('captures again', async () => {
    const { standStill, starts } = await settled();
    await standStill();
    expect(starts).toEqual(['cam']);
  });

  it('goes on draining, in every later life', async () => {
    const { ask, standStill, state, starts } = await settled();
    await ask({ type: 'drain' });
    for (let again = 0; again < 2; again++) {
      await standStill();
      expect(state()).toBe('draining');
      expect(starts).toEqual([]);
    }
  });

  it('captures again when the drain was ended before', async () => {
    const { ask, standStill, state, starts } = await settled();
    await ask({ type: 'drain' });
    await ask({ type: 'undrain' });
    await standStill();
    expect(state()).toBe('alive');
    expect(starts).toEqual(['cam']);
  });
});
