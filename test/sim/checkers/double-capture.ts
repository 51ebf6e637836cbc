import type { ServerName, StreamName } from '../../../src/units/ids.ts';
import { Finding } from '../finding.ts';
import type { MakeChecker } from './checker.ts';
import { knowOfEachOtherSince, seeEachOtherSince } from './sight.ts';

/** Two servers capture a stream with frames: for a bounded time once they see each other, a little longer when they agreed on it. */
export const doubleCapture: MakeChecker = (world, promises) => {
  const since = new Map<StreamName, Map<ServerName, number>>();

  function check(stream: StreamName, now: number, a: ServerName, b: ServerName): void {
    const flows = since.get(stream);
    const both = Math.max(flows?.get(a) ?? now, flows?.get(b) ?? now);
    const from = Math.max(both, knowOfEachOtherSince(world, a, b), world.configChangedAt);
    const agreed = follows(stream, a, b) || follows(stream, b, a);
    // By way of a third it is news twice.
    const relayedMs = seeEachOtherSince(world, a, b) > from ? promises.newsMs : 0;
    const boundMs = relayedMs + (agreed ? promises.overlapMs : promises.doubleMs);
    if (now - from <= boundMs) return;
    const how = agreed ? 'in a handover' : 'without having agreed to';
    const text = `${a} and ${b} both capture ${stream} since ${Math.round(now - from)} ms ${how} (bound ${Math.round(boundMs)} ms)`;
    throw new Finding('double-capture', text, { stream, servers: [a, b] });
  }

  function follows(stream: StreamName, successor: ServerName, predecessor: ServerName): boolean {
    return world.server(successor).process?.media.input(stream)?.from === predecessor;
  }

  return {
    observe(seen) {
      if (seen.type !== 'flow') return;
      const flows = since.get(seen.stream) ?? new Map<ServerName, number>();
      since.set(seen.stream, flows);
      if (seen.flows) flows.set(seen.server, world.schedule.now);
      else flows.delete(seen.server);
    },
    look(now) {
      for (const [stream, flows] of since) {
        if (flows.size < 2) continue;
        const servers = [...flows.keys()];
        servers.forEach((a, i) => {
          for (const b of servers.slice(i + 1)) check(stream, now, a, b);
        });
      }
    },
  };
};
