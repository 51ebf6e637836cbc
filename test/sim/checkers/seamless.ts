import { Finding } from '../finding.ts';
import type { Observation } from '../observation.ts';
import type { MakeChecker } from './checker.ts';
import { seeEachOtherSince } from './sight.ts';

type Stop = Extract<Observation, { type: 'stop' }>;
type Start = Extract<Observation, { type: 'start' }>;

const planned: ReadonlySet<string> = new Set(['drain', 'leave', 'returned', 'config']);

/**
 * A planned handover: a seamless one has no moment without capture, for the predecessor stops when the successor has frames.
 * One with `handover=break` never has two inputs, for the successor connects when the predecessor's is closed.
 */
export const seamless: MakeChecker = (world, promises) => {
  function stopped({ server, stream, to, cause, flowed }: Stop): void {
    const known = world.server(server).config.streams.find((one) => one.name === stream);
    if (!flowed || known?.handover !== 'seamless' || !planned.has(cause)) return;
    if (world.isMislabelled(stream) !== 'no') return;
    if (to !== undefined && world.capturers(stream).has(to)) return;
    if (to === undefined ? nobodyCould(server) : disturbed(server, to)) return;
    const text = `${server} stops ${stream} (${cause}) though ${to ?? 'nobody'} has no frames of it`;
    throw new Finding('seamless', text, { stream, servers: to === undefined ? [server] : [server, to] });
  }

  /** The successor's word was true when it was given and is no longer. */
  function disturbed(server: Stop['server'], to: Stop['server']): boolean {
    const since = Math.max(seeEachOtherSince(world, server, to), world.disturbedAt);
    return since > world.schedule.now - promises.newsMs;
  }

  /** A leaving server's patience has an end; it keeps what nobody takes until then. */
  function nobodyCould(server: Stop['server']): boolean {
    const { process, leaving } = world.server(server);
    if (process === undefined || !leaving) return false;
    const others = world.members().filter((other) => other.name !== server && !other.draining && !other.leaving);
    return others.every((other) => disturbed(server, other.name)) || waitedLong(server);
  }

  const askedToLeave = new Map<Stop['server'], number>();
  function waitedLong(server: Stop['server']): boolean {
    return world.schedule.now - (askedToLeave.get(server) ?? 0) > promises.overlapMs;
  }

  function started({ server, stream, cause }: Start): void {
    const known = world.server(server).config.streams.find((one) => one.name === stream);
    if (known?.handover !== 'break' || !planned.has(cause)) return;
    // Where the file is a newer one already the stream may be gone, and closes.
    const has = (other: Stop['server']): boolean =>
      world.server(other).config.streams.some((one) => one.name === stream);
    const others = world.camera(stream).connected();
    // A worker that hangs can't close what it has: its word is not waited for without end.
    const able = (other: Stop['server']): boolean => Number.isFinite(world.server(other).process?.media.wellSince);
    const open = others.filter((other) => other !== server && world.server(other).running && able(other) && has(other));
    const seen = open.find((other) => seeEachOtherSince(world, server, other) < world.schedule.now - promises.newsMs);
    if (seen === undefined) return;
    const text = `${server} starts ${stream} (${cause}) while ${seen} still has the camera's only connection`;
    throw new Finding('seamless', text, { stream, servers: [server, seen] });
  }

  return {
    observe(seen) {
      if (seen.type === 'leave') askedToLeave.set(seen.server, world.schedule.now);
      if (seen.type === 'stop') stopped(seen);
      if (seen.type === 'start') started(seen);
    },
  };
};
