import type { ServerName, StreamName } from '../../../src/units/ids.ts';
import { Finding } from '../finding.ts';
import type { MakeChecker } from './checker.ts';
import { knowOfEachOtherSince } from './sight.ts';

interface Handover {
  readonly from: ServerName;
  readonly at: number;
}

/** A home takes back at most `handovers` streams at once, so that its return does not double a narrow uplink. */
export const handoverLimit: MakeChecker = (world) => {
  /** Of each home, the streams it is taking back, from whom and since when. */
  const taking = new Map<ServerName, Map<StreamName, Handover>>();
  const captured = new Map<ServerName, Set<StreamName>>();

  function capturedBy(server: ServerName): Set<StreamName> {
    const streams = captured.get(server) ?? new Set();
    captured.set(server, streams);
    return streams;
  }

  /** The predecessor let go, or the home gave up; that it is ready ends it too, the predecessor's end is a message away. */
  function over(server: ServerName, stream: StreamName): void {
    taking.get(server)?.delete(stream);
    for (const streams of taking.values()) if (streams.get(stream)?.from === server) streams.delete(stream);
  }

  /** A predecessor lost from sight makes it no handover any more, but a capture of one's own. */
  function inSight(server: ServerName, { from, at }: Handover): boolean {
    return knowOfEachOtherSince(world, server, from) <= at;
  }

  return {
    observe(seen) {
      if (seen.type === 'start') capturedBy(seen.server).add(seen.stream);
      if (seen.type === 'stop') {
        capturedBy(seen.server).delete(seen.stream);
        over(seen.server, seen.stream);
      }
      if (seen.type === 'fact' && seen.fact.kind === 'ready') taking.get(seen.server)?.delete(seen.stream);
      if (seen.type === 'process-ended') {
        captured.delete(seen.server);
        taking.delete(seen.server);
        for (const streams of taking.values()) {
          for (const [stream, { from }] of streams) if (from === seen.server) streams.delete(stream);
        }
      }
      if (seen.type !== 'start' || seen.from === undefined || seen.cause !== 'returned') return;
      // The predecessor lost the source, and word of it is on its way: only one input is there.
      if (!capturedBy(seen.from).has(seen.stream)) return;
      const streams = taking.get(seen.server) ?? new Map<StreamName, Handover>();
      taking.set(seen.server, streams.set(seen.stream, { from: seen.from, at: world.schedule.now }));
      const { handovers } = world.options;
      const underWay = [...streams.values()].filter((one) => inSight(seen.server, one)).length;
      if (underWay <= handovers) return;
      const text = `${seen.server} takes ${underWay} streams back at once, ${handovers} are allowed`;
      throw new Finding('handover-limit', text, { servers: [seen.server], stream: seen.stream });
    },
  };
};
