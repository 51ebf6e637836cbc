import type { ServerName, StreamName } from '../../../src/units/ids.ts';
import { Finding } from '../finding.ts';
import type { Observation } from '../observation.ts';
import type { MakeChecker } from './checker.ts';
import { knowOfEachOtherSince } from './sight.ts';

type Start = Extract<Observation, { type: 'start' }>;
type Stop = Extract<Observation, { type: 'stop' }>;

/**
 * A healthy stream never moves: nobody starts what another captures in plain sight, unless the two agreed on it, and nobody
 * stops what flows but for a drain, a failback, a second capture or a change of the configuration.
 */
export const healthyStays: MakeChecker = (world, promises) => {
  const flowsSince = new Map<StreamName, Map<ServerName, number>>();
  const flowedUntil = new Map<StreamName, Map<ServerName, number>>();

  function started({ server, stream, from, cause }: Start): void {
    const now = world.schedule.now;
    if (from !== undefined || now - world.configChangedAt < promises.newsMs) return;
    for (const [holder, since] of flowsSince.get(stream) ?? []) {
      // Either end may have been silent for nearly stale_timeout before it was well again.
      const known = Math.max(since, knowOfEachOtherSince(world, server, holder));
      if (holder === server || known > now - promises.silenceMs - promises.newsMs) continue;
      const text = `${server} starts ${stream} (${cause}), which ${holder} captures in plain sight since ${Math.round(now - known)} ms`;
      throw new Finding('healthy-stays', text, { stream, servers: [server, holder] });
    }
  }

  function stopped({ server, stream, cause, flowed }: Stop): void {
    if (!flowed || mayStop(server, stream)) return;
    throw new Finding(
      'healthy-stays',
      `${server} stops ${stream} (${cause}), which nobody else captures or may ask for`,
      {
        stream,
        servers: [server],
      },
    );
  }

  function mayStop(name: ServerName, stream: StreamName): boolean {
    const server = world.server(name);
    if (server.draining || server.leaving || world.options.partition === 'majority') return true;
    const known = server.config.streams.find((one) => one.name === stream);
    if (known === undefined || world.isMislabelled(stream) === 'hopeless' || elsewhere(stream, name)) return true;
    // With one connection, the home asks and gets it; that it is there and well is for the unattended to tell.
    return known.handover === 'break' && server.process?.core.home(stream) !== name;
  }

  /** Somebody else had frames as lately as the news of it needs; a second capture is given up upon seeing the first. */
  function elsewhere(stream: StreamName, but: ServerName): boolean {
    const since = world.schedule.now - promises.newsMs - promises.silenceMs;
    const had = [...(flowedUntil.get(stream) ?? [])].some(([server, until]) => server !== but && until >= since);
    // Who lost its frames less than source_timeout ago does not know yet, and says that it has them.
    return had || world.servers.some(({ name, process }) => name !== but && process?.believes(stream) === true);
  }

  return {
    observe(seen) {
      if (seen.type === 'start') started(seen);
      if (seen.type === 'stop') stopped(seen);
      // Until it gave up it said that it had frames, however long ago the last one was.
      if (seen.type === 'stop' && seen.cause === 'source-lost') {
        entry(flowedUntil, seen.stream).set(seen.server, world.schedule.now);
      }
      if (seen.type !== 'flow') return;
      const now = world.schedule.now;
      if (seen.flows) entry(flowsSince, seen.stream).set(seen.server, now);
      else {
        entry(flowsSince, seen.stream).delete(seen.server);
        entry(flowedUntil, seen.stream).set(seen.server, now);
      }
    },
  };
};

function entry(map: Map<StreamName, Map<ServerName, number>>, stream: StreamName): Map<ServerName, number> {
  const inner = map.get(stream) ?? new Map<ServerName, number>();
  map.set(stream, inner);
  return inner;
}
