import type { ServerName } from '../units/ids.ts';
import { between, type Instant, type Millis } from '../units/time.ts';

/**
 * A challenge serves so many requests, then the next one is given out. It bounds the nonces that are remembered, and is far more
 * than the requests that can be under way when it changes (those still answer the one before, which stays good that long).
 */
const requestsPerChallenge = 512;

export interface ChallengeBookOptions {
  readonly newChallenge: () => string;
  readonly now: () => Instant;
  /**
   * How old an answered challenge may be. A word is no younger than what it answers: one that a network held back while its sender died proves no life.
   */
  readonly goodFor: (peer: ServerName) => Millis;
}

/** The challenges that this life of the server has given to its peers, and the nonces that were used with them: each only once. */
export class ChallengeBook {
  readonly #options: ChallengeBookOptions;
  readonly #pages = new Map<ServerName, Pages>();

  constructor(options: ChallengeBookOptions) {
    this.#options = options;
  }

  /** What the peer's next request must answer. */
  current(peer: ServerName): string {
    const pages = this.#of(peer);
    // At half its time, so that whoever gets it has the other half to answer.
    if (this.#age(pages.current) > this.#options.goodFor(peer) / 2) this.#turn(pages);
    return pages.current.challenge;
  }

  knows(peer: ServerName, challenge: string): boolean {
    return this.#page(peer, challenge) !== undefined;
  }

  /** Takes note of a request whose signature holds; false when it was there before. Call it with a challenge that `knows` knows. */
  use(peer: ServerName, challenge: string, nonce: string): boolean {
    const page = this.#page(peer, challenge);
    if (page === undefined || page.used.has(nonce)) return false;
    page.used.add(nonce);
    const pages = this.#of(peer);
    if (page === pages.current && page.used.size >= requestsPerChallenge) this.#turn(pages);
    // The page before takes late requests, not new ones without end.
    if (page === pages.previous && page.used.size >= 2 * requestsPerChallenge) pages.previous = undefined;
    return true;
  }

  #page(peer: ServerName, challenge: string): Page | undefined {
    const { current, previous } = this.#of(peer);
    const page = [current, previous].find((one) => one?.challenge === challenge);
    return page !== undefined && this.#age(page) <= this.#options.goodFor(peer) ? page : undefined;
  }

  #age(page: Page): Millis {
    return between(page.madeAt, this.#options.now());
  }

  #turn(pages: Pages): void {
    pages.previous = pages.current;
    pages.current = this.#newPage();
  }

  #of(peer: ServerName): Pages {
    const known = this.#pages.get(peer);
    if (known !== undefined) return known;
    const fresh = { current: this.#newPage(), previous: undefined };
    this.#pages.set(peer, fresh);
    return fresh;
  }

  #newPage(): Page {
    return { challenge: this.#options.newChallenge(), madeAt: this.#options.now(), used: new Set() };
  }
}

interface Pages {
  current: Page;
  previous: Page | undefined;
}

interface Page {
  readonly challenge: string;
  readonly madeAt: Instant;
  readonly used: Set<string>;
}
