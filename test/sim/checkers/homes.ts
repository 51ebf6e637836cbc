import type { ClusterConfig } from '../../../src/cluster/step/cluster-config.ts';
import type { ServerName, StreamName } from '../../../src/units/ids.ts';
import { Finding } from '../finding.ts';
import type { World } from '../world.ts';
import type { MakeChecker } from './checker.ts';
import { seeEachOtherSince } from './sight.ts';

/** How often the homes are compared: they are a function of the configuration and change with nothing else. */
const everyMs = 5000;

/** The home of each stream is the same on servers with the same configuration; counts differ by at most one among equals. */
export const homes: MakeChecker = (world, promises) => {
  let next = 0;

  /** Its view of who runs which file may be old while something is wrong with it or its links. */
  function calm(name: ServerName): number {
    return Math.max(...world.members().map((other) => seeEachOtherSince(world, name, other.name)));
  }

  return {
    look(now) {
      if (now < next) return;
      next = now + everyMs;
      // While files differ, homes stay where they were for those who knew the old one.
      if (!world.configsAgree() || now - world.configChangedAt < promises.newsMs) return;
      const byDigest = new Map<string, { server: ServerName; homes: string }>();
      for (const { name, process, config } of world.servers) {
        if (process === undefined || calm(name) > now - promises.newsMs) continue;
        const mine = config.streams.map((stream) => `${stream.name}@${process.core.home(stream.name)}`).join(' ');
        const other = byDigest.get(config.digest);
        if (other === undefined) {
          byDigest.set(config.digest, { server: name, homes: mine });
          checkBalance(world, config, name);
        } else if (other.homes !== mine) {
          const text = `${name} and ${other.server} place differently: ${mine} / ${other.homes}`;
          throw new Finding('homes', text, { servers: [name, other.server] });
        }
      }
    },
  };
};

function checkBalance(world: World, config: ClusterConfig, server: ServerName): void {
  if (world.options.weights !== 'equal') return;
  const home = (stream: StreamName): ServerName | undefined => world.server(server).process?.core.home(stream);
  const counts = config.servers.map(
    ({ name }) => config.streams.filter((s) => s.captureAt === undefined && home(s.name) === name).length,
  );
  if (Math.max(...counts) - Math.min(...counts) > 1) {
    throw new Finding('homes', `unpinned streams are spread ${counts.join(', ')}`, { servers: [server] });
  }
}
