import { after, type Instant, latest, type Millis } from '../../units/time.ts';
import type { Cause } from '../message/cause.ts';
import { bounds } from '../step/bounds.ts';

/** `unknown`: not heard yet, and not for long enough to hold it for dead. `suspect`: only others hear it. */
export type Life = 'unknown' | 'alive' | 'suspect' | 'dead';

interface Death {
  readonly at: Instant;
  readonly cause: Cause;
}

/** Whether one peer lives, by what was heard of it when. Silence needs `stale_timeout`; positive evidence is told by `died`. */
export class FaultDetector {
  #watchedSince: Instant;
  #directly: Instant | undefined;
  #throughOthers: Instant | undefined;
  #death: Death | undefined;
  /** Its address refuses us while others hear it: no silence is needed to doubt it. */
  #refusing = false;

  constructor(now: Instant) {
    this.#watchedSince = now;
  }

  get lastHeard(): Instant | undefined {
    return latestHeard(this.#directly, this.#throughOthers);
  }

  get lastHeardDirectly(): Instant | undefined {
    return this.#directly;
  }

  get lastHeardThroughOthers(): Instant | undefined {
    return this.#throughOthers;
  }

  get causeOfDeath(): Cause | undefined {
    return this.#death?.cause;
  }

  /** A life that said goodbye claims nothing any more: its later words, and others' word that they heard it, are on their way still. */
  get #left(): boolean {
    return this.#death?.cause === 'leave';
  }

  heardDirectly(now: Instant): void {
    this.#directly = now;
    if (!this.#left) this.#death = undefined;
    this.#refusing = false;
  }

  /** Another live server heard it at `at`. News older than its death, or on the way when it died, wake no dead. */
  heardThroughOther(at: Instant): void {
    this.#throughOthers = latestHeard(this.#throughOthers, at);
    if (this.#death === undefined || this.#left) return;
    if (at > after(this.#death.at, bounds.newsInFlight)) this.#death = undefined;
  }

  /** Nobody listens where it should, yet it lives. */
  refuses(): void {
    this.#refusing = true;
  }

  died(cause: Cause, now: Instant): void {
    this.#death ??= { at: now, cause };
  }

  /** A new life begins with a word that was heard at `at`, here or elsewhere; the old one's death says nothing about it. */
  bornAgain(at: Instant): void {
    this.#watchedSince = at;
    this.#death = undefined;
    this.#directly = undefined;
    this.#throughOthers = undefined;
    this.#refusing = false;
  }

  /** Turns silence into death. */
  judge(now: Instant, staleTimeout: Millis): Life {
    if (this.#death === undefined && now >= this.staleAt(staleTimeout)) this.#death = { at: now, cause: 'silent' };
    if (this.#death !== undefined) return 'dead';
    if (this.lastHeard === undefined) return 'unknown';
    return now >= this.#suspectAt(staleTimeout) || this.#refusing ? 'suspect' : 'alive';
  }

  /**
   * Of a suspect: whether others prove that it lives, by hearing it when we should have, or while it refuses us. What they heard before we
   * missed it proves nothing: a server that died was heard last by one of us.
   */
  isHeardByOthers(staleTimeout: Millis): boolean {
    return this.#refusing || (this.#throughOthers ?? this.#watchedSince) > this.#suspectAt(staleTimeout);
  }

  /** When silence becomes death, if nothing is heard before: nobody is silent to us for longer than we listen. */
  staleAt(staleTimeout: Millis): Instant {
    return after(latest(this.#watchedSince, this.lastHeard ?? this.#watchedSince), staleTimeout);
  }

  #suspectAt(staleTimeout: Millis): Instant {
    return after(this.#directly ?? this.#watchedSince, staleTimeout);
  }

  /** The next instant at which the judgement may change by itself. */
  nextChange(now: Instant, staleTimeout: Millis): Instant | undefined {
    if (this.#death !== undefined) return undefined;
    const suspectAt = this.#suspectAt(staleTimeout);
    return suspectAt > now ? suspectAt : this.staleAt(staleTimeout);
  }
}

function latestHeard(a: Instant | undefined, b: Instant | undefined): Instant | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return latest(a, b);
}
