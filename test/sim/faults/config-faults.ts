import type { Random } from '../random.ts';
import type { World } from '../world.ts';
import type { FaultKind } from './fault-kind.ts';

/** The operator changes the file and brings it to the servers one by one, the spare machine coming before or going after. */
function rollOut(world: World, random: Random, text: string): { text: string; lastsMs: number; end: () => void } {
  const config = world.configuration.current();
  world.configChanged();
  const spare = world.server(world.configuration.spare);
  const joins = world.configuration.hasSpare();
  const lastsMs = random.logBetween(20, 15_000);
  // A file without itself in it, a server would not take.
  const late = random.shuffled(world.servers).filter((server) => joins || server !== spare);
  let over = false;
  const bring = (index: number): void => {
    const server = late[index];
    // A newer file stops an older one's way.
    if (server === undefined || over || world.configuration.current().digest !== config.digest) return;
    server.reload(config);
    world.configChanged();
    world.schedule.in(lastsMs / late.length, () => bring(index + 1));
  };
  if (joins && spare.process === undefined && !spare.occupied) {
    spare.reload(config);
    spare.boot();
  }
  bring(0);
  const end = (): void => {
    over = true;
    if (world.configuration.current().digest !== config.digest) return;
    for (const server of late) if (server.config.digest !== config.digest) server.reload(config);
    world.configChanged();
  };
  return { text: `${text}, rolled out within ${Math.round(lastsMs)} ms`, lastsMs, end };
}

export const configFaults: readonly FaultKind[] = [
  {
    name: 'config-streams',
    everyMs: [5000, 40_000],
    strike(world, random) {
      const { configuration } = world;
      const changed = random.chance(0.5) ? configuration.addStream() : configuration.removeStream();
      return changed === undefined ? undefined : rollOut(world, random, changed);
    },
  },
  {
    name: 'config-pins',
    everyMs: [5000, 40_000],
    strike(world, random) {
      const changed = world.configuration.repin();
      return changed === undefined ? undefined : rollOut(world, random, changed);
    },
  },
  {
    name: 'config-peers',
    everyMs: [10_000, 60_000],
    strike(world, random) {
      const { configuration } = world;
      const spare = world.server(configuration.spare);
      if (spare.occupied || spare.leaving) return undefined;
      // A server that is to go leaves first; the file is changed when it is gone.
      if (configuration.hasSpare() && spare.process !== undefined) {
        spare.leave();
        return { text: `${spare.name} is asked to leave for good`, lastsMs: 1, end: () => {} };
      }
      const changed = configuration.hasSpare() ? configuration.removeServer() : configuration.addServer();
      return changed === undefined ? undefined : rollOut(world, random, changed);
    },
  },
];
