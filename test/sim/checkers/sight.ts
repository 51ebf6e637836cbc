import type { ServerName } from '../../../src/units/ids.ts';
import type { World } from '../world.ts';

/** Since when two settled servers run well with nothing wrong between them; infinite while anything is. */
export function seeEachOtherSince(world: World, a: ServerName, b: ServerName): number {
  return Math.max(wellSince(world, a), wellSince(world, b), openSince(world, a, b));
}

/** The same, or by way of a third: servers relay what they hear, so a firewall between two of them is no excuse. */
export function knowOfEachOtherSince(world: World, a: ServerName, b: ServerName): number {
  const ends = Math.max(wellSince(world, a), wellSince(world, b));
  const ways = [openSince(world, a, b)];
  for (const { name } of world.members()) {
    if (name === a || name === b) continue;
    ways.push(Math.max(wellSince(world, name), openSince(world, a, name), openSince(world, name, b)));
  }
  return Math.max(ends, Math.min(...ways));
}

/** Since when the network carries all between them and the file of each names the other. */
function openSince(world: World, a: ServerName, b: ServerName): number {
  return Math.max(world.network.wholeSince(a, b), world.server(a).namesSince(b), world.server(b).namesSince(a));
}

function wellSince(world: World, name: ServerName): number {
  const { steadySince, settledSince } = world.server(name);
  return Math.max(steadySince, settledSince);
}

/** Since when nothing is wrong with any process or link of the group, its servers settled and of one configuration. */
export function calmSince(world: World, without?: ServerName): number {
  if (!world.configsAgree()) return Number.POSITIVE_INFINITY;
  const names = world.members().map((server) => server.name);
  const links = world.network.links().filter((link) => names.includes(link.from) && names.includes(link.to));
  return Math.max(
    world.configChangedAt,
    ...names.filter((name) => name !== without).map((name) => wellSince(world, name)),
    ...links.map((link) => link.wholeSince),
  );
}
