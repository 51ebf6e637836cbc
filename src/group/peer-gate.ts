import type { Incarnation, ServerName } from '../units/ids.ts';
import { incarnation, serverName } from '../units/ids.ts';
import { ChallengeBook } from './challenge-book.ts';
import type { Hmac } from './hmac.ts';
import { type HeaderSource, peerHeaders } from './peer-headers.ts';
import type { Signer } from './signature.ts';

export interface PeerGateOptions {
  readonly hmac: Hmac;
  readonly signer: Signer;
  readonly self: ServerName;
  readonly life: Incarnation;
  /** Whether the configuration names this peer. */
  readonly isPeer: (name: ServerName) => boolean;
}

export interface SealedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: HeaderSource;
  readonly body: Uint8Array;
}

/** A request that a peer of the group made for this server, now, once. */
export interface Admitted {
  readonly from: ServerName;
  readonly fromLife: Incarnation;
  readonly nonce: string;
}

export type Admission =
  | { readonly ok: true; readonly request: Admitted }
  | { readonly ok: false; readonly status: 403; readonly why: Refusal; readonly headers: Record<string, string> };

/** `challenge`: the sender may repeat it once with the challenge that the refusal carries. */
export type Refusal = 'unknown-peer' | 'misdirected' | 'challenge' | 'signature' | 'replay';

const empty = new Uint8Array(0);

/** Who may speak to the peer API: verifies requests and signs the answers, for one life of the server. */
export class PeerGate {
  readonly #options: PeerGateOptions;
  readonly #challenges: ChallengeBook;

  constructor(options: PeerGateOptions) {
    this.#options = options;
    this.#challenges = new ChallengeBook(() => options.hmac.nonce());
  }

  admit(request: SealedRequest): Admission {
    const { signer, self, life, isPeer } = this.#options;
    const header = (name: keyof typeof peerHeaders): string => request.headers(peerHeaders[name]) ?? '';
    const from = serverName(header('from'));
    const sealed = {
      method: request.method,
      path: request.path,
      sender: from,
      recipient: serverName(header('to')),
      senderLife: incarnation(Number(header('fromLife'))),
      recipientLife: incarnation(Number(header('toLife'))),
      challenge: header('challenge'),
      nonce: header('nonce'),
      body: request.body,
    };
    if (from === self || !isPeer(from)) return refuse('unknown-peer');
    if (sealed.recipient !== self) return refuse('misdirected');
    const admitted = { from, fromLife: sealed.senderLife, nonce: sealed.nonce };
    if (sealed.recipientLife !== life || !this.#challenges.knows(from, sealed.challenge))
      return { ...refuse('challenge'), headers: this.seal(admitted, 403, empty) };
    if (!signer.verifyRequest(sealed, header('signature'))) return refuse('signature');
    if (!this.#challenges.use(from, sealed.challenge, sealed.nonce)) return refuse('replay');
    return { ok: true, request: admitted };
  }

  /** The headers that sign an answer to the request. A refusal for the challenge's sake is signed too, and says nothing else. */
  seal(request: Admitted, status: number, body: Uint8Array): Record<string, string> {
    const { signer, self, life } = this.#options;
    const nextChallenge = this.#challenges.current(request.from);
    const signature = signer.signAnswer({
      status,
      sender: self,
      recipient: request.from,
      senderLife: life,
      recipientLife: request.fromLife,
      nonce: request.nonce,
      nextChallenge,
      body,
    });
    return {
      [peerHeaders.from]: self,
      [peerHeaders.fromLife]: String(life),
      [peerHeaders.challenge]: nextChallenge,
      [peerHeaders.signature]: signature,
    };
  }
}

function refuse(why: Refusal): Admission & { ok: false } {
  return { ok: false, status: 403, why, headers: {} };
}
