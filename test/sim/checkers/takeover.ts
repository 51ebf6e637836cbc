import type { ServerName, StreamName } from '../../../src/units/ids.ts';
import { Finding } from '../finding.ts';
import type { MakeChecker } from './checker.ts';
import { calmSince } from './sight.ts';

interface Expectation {
  readonly victim: ServerName;
  readonly how: string;
  readonly streams: readonly StreamName[];
  readonly at: number;
  readonly boundMs: number;
}

/**
 * In a group where nothing else is wrong, the streams of a server that dies are begun elsewhere in time: soon after `kill -9`,
 * whose connections are refused, and `stale_timeout` + 1 s after a silent death. Any further disturbance ends the expectation.
 */
export const takeover: MakeChecker = (world, promises) => {
  let expected: Expectation | undefined;
  const flowsSince = new Map<string, number>();
  const startedAt = new Map<StreamName, number>();

  function expect(victim: ServerName, how: string, boundMs: number): void {
    const now = world.schedule.now;
    expected = undefined;
    if (calmSince(world, victim) > now - promises.silenceMs || !majorityLeft(victim)) return;
    // A request that waits on a connection of which the network forgot all speaks for its sender until it is answered.
    if (world.network.links().some((link) => link.forgotAt > now - promises.heardEveryMs)) return;
    // What the others can't know yet, they can't take over.
    const known = world
      .streams()
      .filter((stream) => (flowsSince.get(`${victim} ${stream}`) ?? now) < now - promises.newsMs);
    const streams = known.filter((stream) => inReach(stream, victim));
    if (streams.length > 0) expected = { victim, how, streams, at: now, boundMs };
  }

  function majorityLeft(victim: ServerName): boolean {
    const members = world.members();
    const left = members.filter((s) => s.running && s.name !== victim && !s.draining && !s.leaving).length;
    return left > (world.options.partition === 'majority' ? members.length / 2 : 0);
  }

  function inReach(stream: StreamName, victim: ServerName): boolean {
    const others = world.members().filter((server) => server.running && server.name !== victim);
    return others.every((server) => world.camera(stream).serves(server.name));
  }

  return {
    observe(seen) {
      if (seen.type === 'start') startedAt.set(seen.stream, world.schedule.now);
      const key = seen.type === 'flow' ? `${seen.server} ${seen.stream}` : '';
      if (seen.type === 'flow' && seen.flows) flowsSince.set(key, world.schedule.now);
      else if (seen.type === 'process-ended' && seen.how === 'killed') expect(seen.server, 'killed', promises.killMs);
      else if (seen.type === 'process-ended' && seen.how === 'power')
        expect(seen.server, 'cut off', promises.silenceMs);
      else if (seen.type === 'frozen') expect(seen.server, 'frozen', promises.silenceMs);
      if (seen.type === 'flow' && !seen.flows) world.schedule.in(0, () => flowsSince.delete(key));
    },
    look(now) {
      if (expected === undefined || now < expected.at + expected.boundMs) return;
      const { victim, how, streams, at, boundMs } = expected;
      expected = undefined;
      if (world.disturbedAt > at) return;
      // A try that has ended already counts: the camera may hold the dead one's connection.
      const begun = (stream: StreamName): boolean =>
        (startedAt.get(stream) ?? 0) >= at || world.attempters(stream).length > 0;
      const late = streams.filter((stream) => !begun(stream));
      const [stream] = late;
      if (stream === undefined) return;
      const text = `${victim} was ${how}; after ${Math.round(boundMs)} ms nobody has begun to capture ${late.join(', ')}`;
      throw new Finding('takeover', text, { stream });
    },
  };
};
