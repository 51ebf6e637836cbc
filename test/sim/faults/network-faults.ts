import type { ServerName } from '../../../src/units/ids.ts';
import type { Impairment } from '../network/link.ts';
import type { Random } from '../random.ts';
import type { World } from '../world.ts';
import { type Fault, type FaultKind, spanMs } from './fault-kind.ts';

type Pair = readonly [from: ServerName, to: ServerName];

function names(world: World): ServerName[] {
  return world.members().map((server) => server.name);
}

function pair(world: World, random: Random): Pair | undefined {
  const [from, to] = random.shuffled(names(world));
  return from === undefined || to === undefined ? undefined : [from, to];
}

function both(pairs: readonly Pair[]): Pair[] {
  return pairs.flatMap(([from, to]): Pair[] => [
    [from, to],
    [to, from],
  ]);
}

function impair(world: World, pairs: readonly Pair[], impairment: Impairment, lastsMs: number, text: string): Fault {
  const lifts = pairs.map(([from, to]) => world.network.link(from, to).impair(impairment));
  const end = (): void => {
    for (const lift of lifts) lift();
  };
  return { text: `${text} for ${Math.round(lastsMs)} ms`, lastsMs, end };
}

/** All pairs across a random cut through the group. */
function divide(world: World, random: Random): { pairs: Pair[]; side: ServerName[] } {
  const all = random.shuffled(names(world));
  const side = all.slice(0, random.whole(1, Math.max(1, all.length - 1)));
  const pairs = side.flatMap((a) => all.filter((b) => !side.includes(b)).map((b): Pair => [a, b]));
  return { pairs, side };
}

export const networkFaults: readonly FaultKind[] = [
  {
    name: 'partition',
    everyMs: [8000, 60_000],
    strike(world, random) {
      const { pairs, side } = divide(world, random);
      return impair(
        world,
        both(pairs),
        { blocked: true },
        spanMs(random),
        `${side.join(', ')} cut off from the others`,
      );
    },
  },
  {
    name: 'one-way',
    everyMs: [8000, 60_000],
    strike(world, random) {
      const { pairs, side } = divide(world, random);
      return impair(world, pairs, { blocked: true }, spanMs(random), `nothing from ${side.join(', ')} to the others`);
    },
  },
  {
    name: 'cable',
    everyMs: [5000, 40_000],
    strike(world, random) {
      const between = pair(world, random);
      if (between === undefined) return undefined;
      const pairs = random.chance(0.5) ? both([between]) : [between];
      return impair(world, pairs, { blocked: true }, spanMs(random), `nothing from ${between.join(' to ')}`);
    },
  },
  {
    name: 'firewall',
    everyMs: [6000, 40_000],
    strike(world, random) {
      const between = pair(world, random);
      if (between === undefined) return undefined;
      const pairs = random.chance(0.6) ? both([between]) : [between];
      const opening = random.pick(['dropped', 'rejected', 'rejected'] as const);
      // Some firewalls let existing connections live, some forget them, some reset them.
      const existing = random.pick(['live', 'forgotten', 'reset'] as const);
      for (const connection of world.network.connections()) {
        if (!pairs.some(([from, to]) => connection.client.host === from && connection.server.host === to)) continue;
        if (existing === 'forgotten') connection.forget();
        if (existing === 'reset') connection.sever();
      }
      const text = `connections from ${between.join(pairs.length > 1 ? ' and ' : ' to ')} ${opening}, old ones ${existing},`;
      return impair(world, pairs, { opening }, spanMs(random), text);
    },
  },
  {
    name: 'clog',
    everyMs: [3000, 30_000],
    strike(world, random) {
      const between = pair(world, random);
      if (between === undefined) return undefined;
      const extraDelayMs = Math.round(random.logBetween(50, 5000));
      const pairs = random.chance(0.5) ? both([between]) : [between];
      return impair(world, pairs, { extraDelayMs }, spanMs(random), `+${extraDelayMs} ms from ${between.join(' to ')}`);
    },
  },
  {
    name: 'loss',
    everyMs: [8000, 60_000],
    strike(world, random) {
      const loss = random.logBetween(0.01, 0.4);
      const all = names(world).flatMap((a) => names(world).map((b): Pair => [a, b]));
      const pairs = all.filter(([a, b]) => a !== b);
      return impair(world, pairs, { loss }, spanMs(random), `${(loss * 100).toFixed(1)} % of packets are lost`);
    },
  },
  {
    name: 'blackhole',
    everyMs: [2000, 20_000],
    strike(world, random) {
      const connections = world.network.connections();
      if (connections.length === 0) return undefined;
      const forgotten = random.some(connections, 0.3);
      const how = random.pick(['forgotten', 'reset'] as const);
      for (const connection of forgotten) {
        if (how === 'reset') connection.sever();
        else connection.forget();
      }
      return { text: `${forgotten.length} connections are ${how}`, lastsMs: 0, end: () => {} };
    },
  },
];
