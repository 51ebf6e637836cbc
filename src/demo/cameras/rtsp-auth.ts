import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  basicAuthorization,
  type Challenge,
  type Credentials,
  digestResponse,
  parseChallenges,
} from '../../media/rtsp/auth.ts';
import { header, type RtspRequest } from '../../media/rtsp/message.ts';
import type { Behaviour } from './behaviour.ts';

const realm = 'camera';

/** Asks for credentials, on one connection. */
export class RtspGuard {
  readonly #nonce = randomBytes(12).toString('hex');

  /** The `WWW-Authenticate` header. */
  challenge(scheme: Behaviour['auth']): string {
    if (scheme === 'basic') return `Basic realm="${realm}"`;
    const algorithm = scheme === 'digest-sha256' ? 'algorithm=SHA-256, qop="auth"' : 'algorithm=MD5';
    return `Digest realm="${realm}", nonce="${this.#nonce}", ${algorithm}`;
  }

  allows(request: RtspRequest, credentials: Credentials, scheme: Behaviour['auth']): boolean {
    const given = header(request, 'authorization') ?? '';
    if (scheme === 'basic') return same(given, basicAuthorization(credentials));
    const [answer] = parseChallenges([given]);
    const [challenge] = parseChallenges([this.challenge(scheme)]);
    if (answer?.scheme !== 'digest' || challenge === undefined) return false;
    return (
      answer.params.get('nonce') === this.#nonce &&
      same(this.#expected(request, answer, challenge, credentials), answer.params.get('response') ?? '')
    );
  }

  #expected(request: RtspRequest, answer: Challenge, challenge: Challenge, credentials: Credentials): string {
    return digestResponse(challenge, {
      credentials,
      method: request.method,
      uri: answer.params.get('uri') ?? '',
      hash: (algorithm, text) => createHash(algorithm).update(text).digest('hex'),
      count: Number.parseInt(answer.params.get('nc') ?? '0', 16),
      clientNonce: answer.params.get('cnonce') ?? '',
    });
  }
}

function same(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
