import type { ServerName, StreamName } from '../../../src/units/ids.ts';
import { Finding } from '../finding.ts';
import type { MakeChecker } from './checker.ts';
import { knowOfEachOtherSince } from './sight.ts';

/** Away and back again. */
const movesPerDisturbance = 2;

/** From the first capture to its home, and one conflict that the group's start may bring. */
const movesForNothing = 3;

/**
 * A stream changes servers because something happened: at most there and back for each thing that went wrong or right again.
 * What lasts (a lossy network, a slow process) may do so anew with every `stale_timeout`.
 */
export const noFlapping: MakeChecker = (world) => {
  const last = new Map<StreamName, ServerName>();
  const moves = new Map<StreamName, number>();
  let lasting = 0;
  let nextCount = 0;

  function somethingLasts(): boolean {
    if (world.servers.some((server) => server.running && server.lagMs > 0)) return true;
    if (world.network.links().some((link) => !Number.isFinite(link.wholeSince))) return true;
    return world.cameras().some((camera) => world.members().some((s) => !Number.isFinite(camera.wellSince(s.name))));
  }

  return {
    observe(seen) {
      if (seen.type !== 'flow' || !seen.flows) return;
      const { server, stream } = seen;
      const before = last.get(stream);
      if (before === server) return;
      last.set(stream, server);
      // Two sides of a partition capture what they can't see elsewhere: a camera with one connection goes back and forth.
      if (before !== undefined && !Number.isFinite(knowOfEachOtherSince(world, before, server))) return;
      const count = (moves.get(stream) ?? 0) + 1;
      moves.set(stream, count);
      const allowed = movesForNothing + movesPerDisturbance * (world.disturbances + lasting);
      if (count <= allowed || world.isMislabelled(stream) === 'hopeless') return;
      throw new Finding('no-flapping', `${stream} moved ${count} times, ${allowed} would be explained`, { stream });
    },
    look(now) {
      if (now < nextCount) return;
      nextCount = now + world.options.staleMs;
      if (somethingLasts()) lasting += 1;
    },
  };
};
