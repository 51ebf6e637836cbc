import type { ServerName } from '../units/ids.ts';

/**
 * A challenge serves so many requests, then the next one is given out. It bounds the nonces that are remembered, and is far more
 * than the requests that can be under way when it changes (those still answer the one before, which stays good that long).
 */
const requestsPerChallenge = 512;

/** The challenges that this life of the server has given to its peers, and the nonces that were used with them: each only once. */
export class ChallengeBook {
  readonly #newChallenge: () => string;
  readonly #pages = new Map<ServerName, { current: Page; previous: Page | undefined }>();

  constructor(newChallenge: () => string) {
    this.#newChallenge = newChallenge;
  }

  /** What the peer's next request must answer. */
  current(peer: ServerName): string {
    return this.#of(peer).current.challenge;
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
    if (page === pages.current && page.used.size >= requestsPerChallenge) {
      pages.previous = page;
      pages.current = this.#newPage();
    }
    // The page before takes late requests, not new ones without end.
    if (page === pages.previous && page.used.size >= 2 * requestsPerChallenge) pages.previous = undefined;
    return true;
  }

  #page(peer: ServerName, challenge: string): Page | undefined {
    const { current, previous } = this.#of(peer);
    if (current.challenge === challenge) return current;
    return previous?.challenge === challenge ? previous : undefined;
  }

  #of(peer: ServerName): { current: Page; previous: Page | undefined } {
    const known = this.#pages.get(peer);
    if (known !== undefined) return known;
    const fresh = { current: this.#newPage(), previous: undefined };
    this.#pages.set(peer, fresh);
    return fresh;
  }

  #newPage(): Page {
    return { challenge: this.#newChallenge(), used: new Set() };
  }
}

interface Page {
  readonly challenge: string;
  readonly used: Set<string>;
}
