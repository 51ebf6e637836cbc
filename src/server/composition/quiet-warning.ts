import type { Clock } from '../../units/clock.ts';
import type { Log, LogFields } from '../../units/log.ts';
import { after, type Instant, millis } from '../../units/time.ts';

/** A peer with a wrong key asks several times a second, for days. */
const oncePer = millis(60_000);

/** Distinct lines that are remembered; names of strangers come from the network. */
const maxRemembered = 100;

export type QuietWarning = (message: string, fields: LogFields) => void;

/** A warning that is told once a minute, however often it is given. */
export function quietWarning(log: Log, clock: Clock): QuietWarning {
  const quietUntil = new Map<string, Instant>();
  return (message, fields) => {
    const key = JSON.stringify([message, fields]);
    const now = clock.monotonic();
    if (now < (quietUntil.get(key) ?? now)) return;
    if (quietUntil.size >= maxRemembered) quietUntil.clear();
    quietUntil.set(key, after(now, oncePer));
    log.warn(message, fields);
  };
}
