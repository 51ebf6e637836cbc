import type { StreamName } from '../../../src/units/ids.ts';
import { Finding } from '../finding.ts';
import type { SimServer } from '../server/sim-server.ts';
import type { MakeChecker } from './checker.ts';

interface Gap {
  /** When somebody last tried, and when frames last flowed. */
  tried: number;
  flowed: number;
  /** How many disturbances the world had seen by then. */
  triedAfter: number;
  flowedAfter: number;
}

/** Its bounds are many seconds, and it looks at every stream. */
const everyMs = 500;

/**
 * No stream is left to nobody: with a server around that is well and able all the time, somebody tries within a bound that each
 * disturbance of the group extends once (whoever was to take it may have died silently), and gets frames within a longer one.
 */
export const unattended: MakeChecker = (world, promises) => {
  const gaps = new Map<StreamName, Gap>();
  let next = 0;

  /** Since when the server could have captured the stream, as far as it alone is concerned. */
  function ableSince(server: SimServer): number {
    if (server.draining || server.leaving) return Number.POSITIVE_INFINITY;
    return Math.max(server.steadySince, server.settledSince);
  }

  /** `partition majority` makes servers unwilling on purpose: judged only while nothing is wrong with any link. */
  function mayBeUnwilling(): boolean {
    if (world.options.partition !== 'majority') return false;
    const members = world.members();
    const up = members.filter((server) => server.running).length;
    return up * 2 <= members.length || world.network.links().some((link) => !Number.isFinite(link.wholeSince));
  }

  function check(stream: StreamName, gap: Gap, now: number): void {
    const able = world.members().filter((server) => server.config.streams.some((known) => known.name === stream));
    const triedMs = promises.unattendedMs + allowance(gap.triedAfter);
    if (now - gap.tried > triedMs && able.some((server) => ableSince(server) < now - triedMs)) {
      complain(`nobody captures ${stream} or tries`, stream, now - gap.tried, triedMs);
    }
    const darkMs = promises.darkMs + allowance(gap.flowedAfter);
    if (world.isMislabelled(stream) === 'hopeless') return;
    if (now - gap.flowed > darkMs && able.some((server) => capableSince(server, stream) < now - darkMs)) {
      complain(`nobody has frames of ${stream} though somebody could`, stream, now - gap.flowed, darkMs);
    }
  }

  function allowance(disturbances: number): number {
    return (world.disturbances - disturbances) * promises.unattendedPerDisturbanceMs;
  }

  /** Including its workers and its way to the camera. */
  function capableSince(server: SimServer, stream: StreamName): number {
    const media = server.process?.media.wellSince ?? Number.POSITIVE_INFINITY;
    return Math.max(ableSince(server), media, world.camera(stream).wellSince(server.name));
  }

  function complain(what: string, stream: StreamName, spanMs: number, boundMs: number): never {
    throw new Finding('unattended', `${what}, since ${Math.round(spanMs)} ms (bound ${Math.round(boundMs)} ms)`, {
      stream,
    });
  }

  return {
    look(now) {
      if (now < next) return;
      next = now + everyMs;
      const excused = mayBeUnwilling();
      const { disturbances } = world;
      for (const stream of world.streams()) {
        let gap = gaps.get(stream);
        if (gap === undefined) {
          gap = { tried: now, flowed: now, triedAfter: disturbances, flowedAfter: disturbances };
          gaps.set(stream, gap);
        }
        if (excused || world.attempters(stream).length > 0)
          Object.assign(gap, { tried: now, triedAfter: disturbances });
        if (excused || world.capturers(stream).size > 0) Object.assign(gap, { flowed: now, flowedAfter: disturbances });
        check(stream, gap, now);
      }
    },
  };
};
