import type { SimServer } from './server/sim-server.ts';
import type { World } from './world.ts';

/** What is done to one server of a whole and healthy group. */
export const cutKinds = ['kill', 'kill', 'power', 'freeze', 'leave', 'drain', 'restart', 'nothing'] as const;
export type CutKind = (typeof cutKinds)[number];

/** A restart that is over before anybody should have noticed a death. */
const quickRestartMs = 250;

/** One clean failure: the promises on takeover and handover are measured where nothing excuses a delay. */
export function cut(world: World, victim: SimServer, lastsMs: number): void {
  const { cut: kind } = world.options;
  const { schedule } = world;
  world.trace.say(`-- clean cut: ${kind} of ${victim.name}`);
  switch (kind) {
    case 'kill':
      victim.kill();
      schedule.in(lastsMs, () => victim.boot());
      break;
    case 'power':
      victim.powerOff();
      schedule.in(lastsMs, () => victim.powerOn());
      break;
    case 'freeze':
      victim.freeze();
      schedule.in(lastsMs, () => victim.thaw());
      break;
    case 'leave':
      victim.leave();
      schedule.in(lastsMs, () => {
        // Its patience is longer where nobody can take its streams.
        if (victim.leaving) victim.kill();
        victim.boot();
      });
      break;
    case 'drain':
      victim.drain();
      schedule.in(lastsMs, () => victim.undrain());
      break;
    case 'restart':
      victim.kill();
      schedule.in(quickRestartMs, () => victim.boot());
      break;
    case 'nothing':
      break;
  }
  schedule.run(schedule.now + lastsMs + 1);
}
