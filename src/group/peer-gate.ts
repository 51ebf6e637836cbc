import type { Incarnation, ServerName } from '../units/ids.ts';
import { incarnation, serverName } from '../units/ids.ts';
import { type Instant, type Millis, millis } from '../units/time.ts';
import { ChallengeBook } from './challenge-book.ts';
import type { Hmac } from './hmac.ts';
import { type HeaderSource, peerHeaders } from './peer-headers.ts';
import type { RequestSeal, Signer } from './signature.ts';

export interface PeerGateOptions {
  readonly hmac: Hmac;
  readonly signer: Signer;
  readonly self: ServerName;
  readonly life: Incarnation;
  /** Of a peer that the configuration names; undefined: it names no such peer. */
  readonly staleTimeout: (name: ServerName) => Millis | undefined;
  readonly now: () => Instant;
}

/** A challenge is good for `stale_timeout`, but for so long at least: shorter ones would be refused on slow networks again and again. */
const leastGoodFor = millis(2_000);

export interface RequestHead {
  readonly method: string;
  readonly path: string;
  readonly headers: HeaderSource;
  /** Of the body that follows, in bytes, as announced; undefined when the head tells none. */
  readonly bodyLength: number | undefined;
}

export interface SealedRequest extends RequestHead {
  readonly body: Uint8Array;
}

/** A request that a peer of the group made for this server, now, once. */
export interface Admitted {
  readonly from: ServerName;
  readonly fromLife: Incarnation;
  readonly nonce: string;
}

export type Admission = { readonly ok: true; readonly request: Admitted } | Refused;

export interface Refused {
  readonly ok: false;
  readonly status: 403;
  readonly why: Refusal;
  readonly headers: Record<string, string>;
}

/** `challenge`: the sender may repeat it once with the challenge that the refusal carries. */
export type Refusal = 'unknown-peer' | 'misdirected' | 'challenge' | 'signature' | 'replay';

const empty = new Uint8Array(0);

/** Who may speak to the peer API: verifies requests and signs the answers, for one life of the server. */
export class PeerGate {
  readonly #options: PeerGateOptions;
  readonly #challenges: ChallengeBook;

  constructor(options: PeerGateOptions) {
    this.#options = options;
    this.#challenges = new ChallengeBook({
      newChallenge: () => options.hmac.nonce(),
      now: options.now,
      goodFor: (peer) => millis(Math.max(leastGoodFor, options.staleTimeout(peer) ?? 0)),
    });
  }

  /**
   * What refuses a request by its head alone, before its body is read: a stranger, a challenge that this life did not give lately,
   * or a head that no holder of the key signed. Undefined: it is a peer's, and its body is as long as announced.
   */
  refusal(head: RequestHead): Refused | undefined {
    const { self, life, staleTimeout } = this.#options;
    const seal = readSeal(head);
    if (seal.sender === self || staleTimeout(seal.sender) === undefined) return refuse('unknown-peer');
    if (seal.recipient !== self) return refuse('misdirected');
    if (seal.recipientLife !== life || !this.#challenges.knows(seal.sender, seal.challenge)) {
      const told = { from: seal.sender, fromLife: seal.senderLife, nonce: seal.nonce };
      return { ...refuse('challenge'), headers: this.seal(told, 403, empty) };
    }
    // The challenge alone is no proof: it is told to whoever names a peer.
    const signature = head.headers(peerHeaders.signature) ?? '';
    return this.#options.signer.verifyRequest(seal, signature) ? undefined : refuse('signature');
  }

  admit(request: SealedRequest): Admission {
    const refused = this.refusal(request);
    if (refused !== undefined) return refused;
    const seal = readSeal(request);
    const { sender, senderLife, challenge, nonce } = seal;
    if (!this.#options.signer.verifyBody(request.body, seal.body)) return refuse('signature');
    if (!this.#challenges.use(sender, challenge, nonce)) return refuse('replay');
    return { ok: true, request: { from: sender, fromLife: senderLife, nonce } };
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

function readSeal({ method, path, headers, bodyLength }: RequestHead): RequestSeal {
  const header = (name: keyof typeof peerHeaders): string => headers(peerHeaders[name]) ?? '';
  return {
    method,
    path,
    sender: serverName(header('from')),
    recipient: serverName(header('to')),
    senderLife: incarnation(Number(header('fromLife'))),
    recipientLife: incarnation(Number(header('toLife'))),
    challenge: header('challenge'),
    nonce: header('nonce'),
    body: { length: bodyLength ?? Number.NaN, digest: header('bodyDigest') },
  };
}

function refuse(why: Refusal): Refused {
  return { ok: false, status: 403, why, headers: {} };
}
