import type { ServerName, StreamName } from '../../../src/units/ids.ts';
import { Finding } from '../finding.ts';
import type { MakeChecker } from './checker.ts';

/** How often all owners are compared with what was told: it looks at every stream of every server. */
const everyMs = 1000;

/** Viewers are sent where `owner()` points: that it points elsewhere is told by `owners-changed`, each time. */
export const ownersTold: MakeChecker = (world) => {
  const told = new Map<ServerName, Map<StreamName, ServerName | undefined>>();
  let next = 0;

  return {
    observe(seen) {
      if (seen.type === 'process-began') told.set(seen.server, new Map());
      if (seen.type !== 'owners-changed') return;
      const core = world.server(seen.server).process?.core;
      for (const stream of seen.streams) told.get(seen.server)?.set(stream, core?.owner(stream));
    },
    look(now) {
      if (now < next) return;
      next = now + everyMs;
      for (const { name, process, config } of world.servers) {
        if (process === undefined) continue;
        for (const { name: stream } of config.streams) {
          const known = told.get(name)?.get(stream);
          const owner = process.core.owner(stream);
          if (owner === known) continue;
          const text = `${name} has ${owner ?? 'nobody'} for the owner of ${stream}, but told ${known ?? 'nobody'}`;
          throw new Finding('owners-told', text, { servers: [name], stream });
        }
      }
    },
  };
};
