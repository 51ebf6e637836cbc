import type { StreamName } from '../../units/ids.ts';
import { after, between, type Instant, type Millis, millis } from '../../units/time.ts';
import { formatRunName, type RunName } from '../layout/run-name.ts';

/** A viewer who paused comes back within this, or finds the run gone. */
const heldFor: Millis = millis(60_000);
/** Six times what a run lasts: nobody who is heard of again and again keeps it for ever. */
const longestHold: Millis = millis(6 * 3_600_000);

interface Hold {
  readonly since: Instant;
  readonly until: Instant;
}

/** Runs that somebody is reading: retention passes them over for a while. */
export class Holds {
  readonly #holds = new Map<string, Hold>();

  /** Bytes of the run were asked for. */
  read(stream: StreamName, run: RunName, now: Instant): void {
    const key = keyOf(stream, run);
    const held = this.#holds.get(key);
    const since = held !== undefined && now < held.until ? held.since : now;
    this.#holds.set(key, { since, until: after(now, heldFor) });
  }

  isHeld(stream: StreamName, run: RunName, now: Instant): boolean {
    const held = this.#holds.get(keyOf(stream, run));
    return held !== undefined && now < held.until && between(held.since, now) < longestHold;
  }

  /** Forgets those that nobody reads any more; as often as retention decides. */
  sweep(now: Instant): void {
    for (const [key, { until }] of this.#holds) if (now >= until) this.#holds.delete(key);
  }

  get size(): number {
    return this.#holds.size;
  }
}

function keyOf(stream: StreamName, run: RunName): string {
  return `${stream} ${formatRunName(run)}`;
}
