import {
  authorization,
  type Challenge,
  type Credentials,
  type HexHash,
  parseChallenges,
  strongestChallenge,
} from './auth.ts';
import type { RtspResponse } from './message.ts';

/** A nonce runs out now and then; one that has always just run out is a device's fault. */
const mostChallenges = 3;

export interface SignerOptions {
  readonly credentials: Credentials | undefined;
  readonly hash: HexHash;
  /** A new one each time. */
  readonly clientNonce: () => string;
}

/** Remembers how the server wants requests signed. */
export class RequestSigner {
  readonly #options: SignerOptions;
  #challenge: Challenge | undefined;
  #count = 0;
  /** In a row, nothing accepted between. */
  #challenges = 0;
  /** How the challenge in force fared. Credentials that were never taken for it are wrong; else its nonce ran out. */
  #fate: 'untried' | 'tried' | 'accepted' = 'untried';

  constructor(options: SignerOptions) {
    this.#options = options;
  }

  /** The `Authorization` header; `undefined` while nobody asked. */
  sign(method: string, uri: string): string | undefined {
    const { credentials, hash, clientNonce } = this.#options;
    if (this.#challenge === undefined || credentials === undefined) return undefined;
    this.#count++;
    if (this.#fate === 'untried') this.#fate = 'tried';
    return authorization(this.#challenge, {
      credentials,
      method,
      uri,
      hash,
      count: this.#count,
      clientNonce: clientNonce(),
    });
  }

  /** The server took a request. */
  accepted(): void {
    this.#challenges = 0;
    if (this.#fate === 'tried') this.#fate = 'accepted';
  }

  /** Takes in a 401. Whether the request is worth repeating: not with the same credentials for the same challenge. */
  challenged(response: RtspResponse): boolean {
    const challenge = strongestChallenge(parseChallenges(response.headers.get('www-authenticate') ?? []));
    if (challenge === undefined || this.#options.credentials === undefined) return false;
    const isStale = challenge.params.get('stale')?.toLowerCase() === 'true';
    const isRefused = (this.#fate === 'tried' && !isStale) || ++this.#challenges > mostChallenges;
    this.#challenge = challenge;
    this.#count = 0;
    this.#fate = 'untried';
    return !isRefused;
  }
}
