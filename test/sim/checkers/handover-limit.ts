import type { ServerName, StreamName } from '../../../src/units/ids.ts';
import { Finding } from '../finding.ts';
import type { MakeChecker } from './checker.ts';

/** A home takes back at most `handovers` streams at once, so that its return does not double a narrow uplink. */
export const handoverLimit: MakeChecker = (world) => {
  /** Of each home, the streams it is taking back, and from whom. */
  const taking = new Map<ServerName, Map<StreamName, ServerName>>();

  /** The predecessor let go, or the home gave up. */
  function over(server: ServerName, stream: StreamName): void {
    taking.get(server)?.delete(stream);
    for (const streams of taking.values()) if (streams.get(stream) === server) streams.delete(stream);
  }

  return {
    observe(seen) {
      if (seen.type === 'stop') over(seen.server, seen.stream);
      if (seen.type === 'process-ended') {
        taking.delete(seen.server);
        for (const streams of taking.values()) {
          for (const [stream, from] of streams) if (from === seen.server) streams.delete(stream);
        }
      }
      if (seen.type !== 'start' || seen.from === undefined || seen.cause !== 'returned') return;
      const streams = taking.get(seen.server) ?? new Map<StreamName, ServerName>();
      taking.set(seen.server, streams.set(seen.stream, seen.from));
      const { handovers } = world.options;
      if (streams.size <= handovers) return;
      const text = `${seen.server} takes ${streams.size} streams back at once, ${handovers} are allowed`;
      throw new Finding('handover-limit', text, { servers: [seen.server], stream: seen.stream });
    },
  };
};
