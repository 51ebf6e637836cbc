import type { Clock } from '../../units/clock.ts';
import type { Log, LogFields } from '../../units/log.ts';
import { after, type Instant, millis } from '../../units/time.ts';

/** A peer with a wrong key asks several times a second, for days. */
const oncePer = millis(60_000);

/** Distinct warnings of a minute, more than a group of 20 has peers and reasons; further ones are not told. */
const maxRemembered = 200;

/** `passing`: what is shown, too, but makes no warning another one, such as a name that a stranger chose. */
export type QuietWarning = (message: string, fields: LogFields, passing?: LogFields) => void;

interface Told {
  readonly quietUntil: Instant;
  /** How often it was given since it was told. */
  untold: number;
}

/** A warning that is told once a minute, however often it is given; when told again, with how often it was not. */
export function quietWarning(log: Log, clock: Clock): QuietWarning {
  const remembered = new Map<string, Told>();
  return (message, fields, passing) => {
    const key = JSON.stringify([message, fields]);
    const now = clock.monotonic();
    const before = remembered.get(key);
    if (before !== undefined && now < before.quietUntil) {
      before.untold += 1;
      return;
    }
    if (remembered.size >= maxRemembered) forget(remembered, now);
    if (before === undefined && remembered.size >= maxRemembered) return;
    remembered.set(key, { quietUntil: after(now, oncePer), untold: 0 });
    const untold = before?.untold ?? 0;
    log.warn(message, { ...fields, ...passing, ...(untold > 0 && { untold }) });
  };
}

function forget(remembered: Map<string, Told>, now: Instant): void {
  for (const [key, { quietUntil }] of remembered) if (quietUntil <= now) remembered.delete(key);
}
