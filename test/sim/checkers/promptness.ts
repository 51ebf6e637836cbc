import type { ServerName } from '../../../src/units/ids.ts';
import { after, millis } from '../../../src/units/time.ts';
import { Finding } from '../finding.ts';
import type { MakeChecker } from './checker.ts';

/** Every server does in time what needs nobody else: answer parked requests, settle, leave. Judged while its process runs well. */
export const promptness: MakeChecker = (world, promises) => {
  const askedToLeave = new Map<ServerName, number>();

  function late(server: ServerName, what: string, boundMs: number): never {
    throw new Finding('promptness', `${server} ${what} (bound ${Math.round(boundMs)} ms)`, { servers: [server] });
  }

  return {
    observe(seen) {
      if (seen.type === 'leave') askedToLeave.set(seen.server, world.schedule.now);
      if (seen.type === 'process-ended') askedToLeave.delete(seen.server);
    },
    look(now) {
      for (const { name, process, steadySince, settledSince, beganAt, clock } of world.servers) {
        if (process === undefined || !Number.isFinite(steadySince)) continue;
        if (now - steadySince > promises.parkMs) {
          const parked = process.contract.parkedSince(after(clock.now(), millis(-promises.parkMs)));
          if (parked > 0) late(name, 'leaves a request unanswered', promises.parkMs);
        }
        if (!Number.isFinite(settledSince) && now - Math.max(beganAt, steadySince) > promises.settleMs) {
          late(name, 'does not settle', promises.settleMs);
        }
        const asked = Math.max(askedToLeave.get(name) ?? now, steadySince);
        if (now - asked > promises.leaveMs) late(name, 'does not leave', promises.leaveMs);
      }
    },
  };
};
