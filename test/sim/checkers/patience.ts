import type { ServerName } from '../../../src/units/ids.ts';
import { Finding } from '../finding.ts';
import { lookEveryMs, type MakeChecker } from './checker.ts';
import { seeEachOtherSince } from './sight.ts';

/** Nobody is called dead for its silence before it was silent for `stale_timeout`: loss can't be told from long delay. */
export const patience: MakeChecker = (world, promises) => {
  const lastSaw = new Map<ServerName, Map<ServerName, number>>();
  const leastMs = world.options.staleMs * (1 - 2 * world.options.drift) - promises.heardEveryMs - lookEveryMs;

  /** A connection that died unseen costs the time of a poll. */
  function hearsWellSince(a: ServerName, b: ServerName): number {
    const { network } = world;
    return Math.max(seeEachOtherSince(world, a, b), network.link(a, b).forgotAt, network.link(b, a).forgotAt);
  }

  /** Who boots takes a settled server's word for it, which may be as old as a partition that ends now. */
  function heldForDead(booting: ServerName, about: ServerName): boolean {
    if (Number.isFinite(world.server(booting).settledSince)) return false;
    return world.members().some(({ name, process, settledSince, clock }) => {
      if (name === booting || process === undefined || !Number.isFinite(settledSince)) return false;
      return process.core.servers(clock.now()).some((view) => view.name === about && view.state === 'dead');
    });
  }

  return {
    look(now) {
      for (const { name: a } of world.members()) {
        const row = lastSaw.get(a) ?? new Map<ServerName, number>();
        lastSaw.set(a, row);
        for (const { name: b } of world.members()) {
          if (a !== b && hearsWellSince(a, b) <= now - promises.newsMs) row.set(b, now);
        }
      }
    },
    observe(seen) {
      if (seen.type !== 'notice' || seen.notice.kind !== 'server-down' || seen.notice.cause !== 'silent') return;
      const { server } = seen.notice;
      const unseenMs = world.schedule.now - (lastSaw.get(seen.server)?.get(server) ?? Number.NEGATIVE_INFINITY);
      if (unseenMs >= leastMs || heldForDead(seen.server, server)) return;
      const text = `${seen.server} calls ${server} dead for its silence ${Math.round(unseenMs)} ms after it was in plain sight`;
      throw new Finding('patience', `${text} (at the least ${Math.round(leastMs)} ms)`, {
        servers: [seen.server, server],
      });
    },
  };
};
