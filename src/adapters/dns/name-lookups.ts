import type { LookupAddress } from 'node:dns';
import type { Clock } from '../../units/clock.ts';
import { after, type Instant, type Millis, millis } from '../../units/time.ts';

export type Addresses = readonly LookupAddress[];

/** The port to the system's resolver: rejects with its error. */
export type Resolve = (name: string) => Promise<Addresses>;

/** A failed look-up is not repeated for so long: a name server that doesn't answer costs each one a thread for many seconds. */
const failureStands = millis(5_000);

/** Names that fail are last in line for so long. */
const failureCounts = millis(600_000);

/** Nobody waits longer: what comes then is for the next attempt. */
const longestWait = millis(10_000);

export interface NameLookupsOptions {
  readonly clock: Clock;
  readonly resolve: Resolve;
  /** Look-ups at the same time. */
  readonly most: number;
  /** Who was found once is found there again when looking up fails or takes longer than this. Absent: addresses are not remembered. */
  readonly patience?: Millis;
}

interface Failure {
  readonly at: Instant;
  readonly error: Error;
}

interface Waiter {
  readonly found: (addresses: Addresses) => void;
  readonly failed: (error: Error) => void;
}

interface Name {
  readonly name: string;
  readonly waiters: Set<Waiter>;
  /** Since when it waits for its look-up or for the end of it. */
  askedAt: Instant | undefined;
  running: boolean;
  failure: Failure | undefined;
  good: Addresses | undefined;
}

/** Names to addresses: one look-up a name at a time, a bounded number of all. */
export class NameLookups {
  readonly #options: NameLookupsOptions;
  readonly #names = new Map<string, Name>();
  readonly #queue = new Set<Name>();
  #running = 0;

  constructor(options: NameLookupsOptions) {
    this.#options = options;
  }

  /** Look-ups that the system has not answered yet. */
  get running(): number {
    return this.#running;
  }

  /** Rejects with the error of the system, or with `EAI_AGAIN` when it takes too long. */
  find(text: string): Promise<Addresses> {
    const now = this.#options.clock.monotonic();
    const name = this.#nameOf(text.toLowerCase());
    const { failure, good } = name;
    if (failure !== undefined && now < after(failure.at, failureStands))
      return good === undefined ? Promise.reject(failure.error) : Promise.resolve(good);
    if (name.askedAt === undefined) {
      name.askedAt = now;
      this.#queue.add(name);
    }
    const answer = this.#answer(name, now);
    this.#runNext();
    return answer;
  }

  #nameOf(text: string): Name {
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    const name: Name = {
      name: text,
      waiters: new Set(),
      askedAt: undefined,
      running: false,
      failure: undefined,
      good: undefined,
    };
    this.#names.set(text, name);
    return name;
  }

  #answer(name: Name, now: Instant): Promise<Addresses> {
    const { clock, patience = longestWait } = this.#options;
    const due = name.good === undefined ? after(now, longestWait) : after(name.askedAt ?? now, patience);
    return new Promise((resolve, reject) => {
      const end = (): void => {
        cancel();
        name.waiters.delete(waiter);
      };
      const waiter: Waiter = {
        found(addresses) {
          end();
          resolve(addresses);
        },
        failed(error) {
          end();
          if (name.good === undefined) reject(error);
          else resolve(name.good);
        },
      };
      name.waiters.add(waiter);
      const cancel = clock.setTimer(due, () => {
        waiter.failed(tooLong(name.name));
        this.#leaveUnwanted(name);
      });
    });
  }

  /** Whose name is not looked up yet and not waited for any more makes room for others. A remembered one is looked up all the same. */
  #leaveUnwanted(name: Name): void {
    if (name.running || name.waiters.size > 0 || name.good !== undefined) return;
    name.askedAt = undefined;
    this.#queue.delete(name);
    this.#forget(name);
  }

  #runNext(): void {
    while (this.#running < this.#options.most) {
      const next = this.#next();
      if (next === undefined) return;
      this.#queue.delete(next);
      this.#running += 1;
      next.running = true;
      this.#options.resolve(next.name).then(
        (addresses) => this.#ended(next, addresses),
        (error: unknown) => this.#ended(next, error instanceof Error ? error : new Error(String(error))),
      );
    }
  }

  /** A name whose server is dead must not keep others waiting, again and again. */
  #next(): Name | undefined {
    let failing: Name | undefined;
    for (const name of this.#queue) {
      if (name.failure === undefined) return name;
      failing ??= name;
    }
    return failing;
  }

  #ended(name: Name, result: Addresses | Error): void {
    const now = this.#options.clock.monotonic();
    this.#running -= 1;
    name.running = false;
    name.askedAt = undefined;
    if (result instanceof Error) name.failure = { at: now, error: result };
    else {
      name.failure = undefined;
      if (this.#options.patience !== undefined) name.good = result;
    }
    for (const waiter of [...name.waiters]) {
      if (result instanceof Error) waiter.failed(result);
      else waiter.found(result);
    }
    this.#forget(name);
    for (const other of this.#names.values()) {
      if (other.failure !== undefined && now >= after(other.failure.at, failureCounts)) {
        if (other.askedAt === undefined) other.failure = undefined;
        this.#forget(other);
      }
    }
    this.#runNext();
  }

  /** Redirects of sources may bring any number of names. */
  #forget(name: Name): void {
    if (name.askedAt === undefined && name.failure === undefined && name.good === undefined)
      this.#names.delete(name.name);
  }
}

function tooLong(name: string): Error {
  return Object.assign(new Error(`looking up ${name} takes too long`), { code: 'EAI_AGAIN' });
}
