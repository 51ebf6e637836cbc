import type { Random } from '../random.ts';
import type { SimServer } from '../server/sim-server.ts';
import type { World } from '../world.ts';
import { type FaultKind, spanMs } from './fault-kind.ts';

/** A process that runs and about which no other fault decides. */
function victim(world: World, random: Random): SimServer | undefined {
  const free = world.members().filter((server) => server.running && !server.occupied && !server.leaving);
  return free.length > 0 ? random.pick(free) : undefined;
}

/** Takes the process away and brings it back at the end. */
function outage(server: SimServer, lastsMs: number, text: string, end: () => void) {
  server.occupied = true;
  return {
    text: `${server.name} ${text} for ${Math.round(lastsMs)} ms`,
    lastsMs,
    end: () => {
      server.occupied = false;
      end();
    },
  };
}

export const processFaults: readonly FaultKind[] = [
  {
    name: 'kill',
    everyMs: [4000, 40_000],
    strike(world, random) {
      const server = victim(world, random);
      server?.kill();
      return server && outage(server, random.logBetween(200, 30_000), 'is killed', () => server.boot());
    },
  },
  {
    name: 'crash-loop',
    everyMs: [15_000, 60_000],
    strike(world, random) {
      const server = victim(world, random);
      if (server === undefined) return undefined;
      let over = false;
      let left = random.whole(2, 12);
      const cycle = (): void => {
        if (over) return;
        server.kill();
        world.schedule.in(random.between(20, 300), () => {
          if (over) return;
          server.boot();
          left -= 1;
          if (left > 0) world.schedule.in(random.logBetween(100, 3000), cycle);
        });
      };
      cycle();
      return outage(server, 30_000, `crashes ${left} times, restarted within 300 ms,`, () => {
        over = true;
        server.boot();
      });
    },
  },
  {
    name: 'freeze',
    everyMs: [4000, 40_000],
    strike(world, random) {
      const server = victim(world, random);
      server?.freeze();
      return server && outage(server, spanMs(random), 'is frozen', () => server.thaw());
    },
  },
  {
    name: 'power',
    everyMs: [5000, 60_000],
    strike(world, random) {
      const server = victim(world, random);
      server?.powerOff();
      return server && outage(server, random.logBetween(3000, 40_000), 'loses its power', () => server.powerOn());
    },
  },
  {
    name: 'leave',
    everyMs: [6000, 60_000],
    strike(world, random) {
      const server = victim(world, random);
      server?.leave();
      const end = (): void => {
        // What did not leave in time is killed, as a service manager does.
        if (server?.leaving) server.kill();
        server?.boot();
      };
      return server && outage(server, random.logBetween(3000, 40_000), 'is asked to leave', end);
    },
  },
  {
    name: 'drain',
    everyMs: [6000, 60_000],
    strike(world, random) {
      const server = victim(world, random);
      if (server === undefined || server.draining) return undefined;
      const { process } = server;
      server.drain();
      const lastsMs = random.logBetween(500, 40_000);
      const end = (): void => {
        if (server.process === process && !server.leaving) server.undrain();
      };
      return { text: `${server.name} drains for ${Math.round(lastsMs)} ms`, lastsMs, end };
    },
  },
  {
    name: 'pause',
    everyMs: [500, 10_000],
    strike(world, random) {
      const server = victim(world, random);
      const span = random.logBetween(20, 1500);
      server?.pause(span);
      return server && { text: `${server.name} pauses ${Math.round(span)} ms`, lastsMs: span, end: () => {} };
    },
  },
  {
    name: 'slow',
    everyMs: [5000, 40_000],
    strike(world, random) {
      const server = victim(world, random);
      if (server === undefined || server.lagMs > 0) return undefined;
      const lag = random.logBetween(10, 600);
      const lastsMs = spanMs(random);
      server.slow(lag);
      return { text: `${server.name} is up to ${Math.round(lag)} ms late`, lastsMs, end: () => server.slow(0) };
    },
  },
  {
    name: 'hang',
    everyMs: [5000, 40_000],
    strike(world, random) {
      const server = victim(world, random);
      const worker = random.whole(0, 1);
      const lastsMs = world.options.media.replaceMs;
      server?.process?.media.hang(worker, lastsMs);
      return server && { text: `worker ${worker} of ${server.name} hangs`, lastsMs, end: () => {} };
    },
  },
];
