import type { Refusal } from '../group/peer-gate.ts';
import type { Clock } from '../units/clock.ts';
import type { Log } from '../units/log.ts';
import { after, type Instant, millis } from '../units/time.ts';

/** A peer with a wrong key asks several times a second, for days. */
const oncePer = millis(60_000);

/** Distinct senders that are remembered; names of strangers come from the network. */
const maxSenders = 100;

/** Tells of refused peer requests, once a minute a sender and reason. */
export function refusalLog(log: Log, clock: Clock): (why: Refusal, from: string) => void {
  const quietUntil = new Map<string, Instant>();
  return (why, from) => {
    const key = `${why} ${from}`;
    const now = clock.monotonic();
    if (now < (quietUntil.get(key) ?? now)) return;
    if (quietUntil.size >= maxSenders) quietUntil.clear();
    quietUntil.set(key, after(now, oncePer));
    log.warn('peer request refused', { why, from: from.slice(0, 100) });
  };
}
