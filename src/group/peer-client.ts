import type { PollFailure } from '../cluster/step/event.ts';
import type { Clock } from '../units/clock.ts';
import { type Incarnation, incarnation, type ServerName } from '../units/ids.ts';
import { after, between, type Instant, type Millis, millis } from '../units/time.ts';
import type { Hmac } from './hmac.ts';
import { jsonBody } from './json-body.ts';
import { peerContentType, peerHeaders } from './peer-headers.ts';
import {
  type ConnectionChoice,
  hasContent,
  type Lane,
  type PeerAddress,
  type PeerHttp,
  type PeerOutcome,
} from './peer-http.ts';
import type { Signer } from './signature.ts';

/** The whole state of a group of 5,000 streams is about 1 MB; more than this is no answer of a peer. */
const maxAnswerBytes = 16 * 1024 * 1024;

export interface PeerClientOptions {
  readonly clock: Clock;
  readonly hmac: Hmac;
  readonly http: PeerHttp;
  readonly signer: Signer;
  readonly self: ServerName;
  readonly life: Incarnation;
  readonly address: (peer: ServerName) => PeerAddress | undefined;
  /** What answers at the peer's address is not of this group. */
  readonly onRejected: (peer: ServerName, why: Rejection) => void;
}

/**
 * `other-key`: the peer itself refuses, by a key that is not this server's. `no-peer`: anything else that answers there, such as a proxy whose
 * server is dead; it says nothing of the peer.
 */
export type Rejection = 'other-key' | 'no-peer';

export interface PeerCall {
  readonly peer: ServerName;
  readonly path: string;
  readonly body: unknown;
  /** In all, a repetition for the challenge's sake included. */
  readonly within: Millis;
  /** `kept` when absent. */
  readonly connection?: ConnectionChoice;
  /** `media` when absent. */
  readonly lane?: Lane;
  readonly signal: AbortSignal;
}

export type CallOutcome =
  | {
      readonly ok: true;
      readonly status: number;
      /** Parsed JSON, not yet checked; `{}` with a status that has no content. */
      readonly body: unknown;
      readonly life: Incarnation;
      readonly sentAt: Instant;
      readonly answeredAt: Instant;
    }
  | { readonly ok: false; readonly reason: PollFailure };

/** What a request must answer, and which life of the peer gave it. */
interface Session {
  readonly challenge: string;
  readonly life: Incarnation;
}

const firstContact: Session = { challenge: '', life: incarnation(0) };

/** The peer is of this group, and wants the request for another challenge. */
interface Challenged {
  readonly challenged: Session;
}

/** Speaks to the peers' API: signs each request for its receiver's challenge and believes only signed answers. */
export class PeerClient {
  readonly #options: PeerClientOptions;
  readonly #sessions = new Map<ServerName, Session>();

  constructor(options: PeerClientOptions) {
    this.#options = options;
  }

  /** Never rejects. An abort by `signal` gives `timeout`. */
  async call(call: PeerCall): Promise<CallOutcome> {
    const body = encoder.encode(JSON.stringify(call.body));
    const end = after(this.#options.clock.monotonic(), call.within);
    const first = await this.#attempt(call, body, this.#sessions.get(call.peer) ?? firstContact);
    if (!('challenged' in first)) return first;
    // First contact, or the receiver lives anew or has turned its page: the refusal told the challenge. What other calls have learned
    // meanwhile may be older, for an answer can be long on its way.
    const left = millis(Math.max(0, between(this.#options.clock.monotonic(), end)));
    const connection = call.connection === 'once' ? 'once' : 'kept';
    const second = await this.#attempt({ ...call, connection, within: left }, body, first.challenged);
    // Both refusals were signed by the group's key: the peer began another life in between.
    return 'challenged' in second ? { ok: false, reason: 'reset' } : second;
  }

  async #attempt(call: PeerCall, body: Uint8Array, session: Session): Promise<CallOutcome | Challenged> {
    const { http, hmac, address } = this.#options;
    const to = address(call.peer);
    if (to === undefined) return { ok: false, reason: 'unreachable' };
    const nonce = hmac.nonce();
    const outcome = await http.post({
      address: to,
      path: call.path,
      headers: this.#sign(call, session, nonce, body),
      body,
      within: call.within,
      connection: call.connection ?? 'kept',
      lane: call.lane ?? 'media',
      maxAnswerBytes,
      signal: call.signal,
    });
    return outcome.ok ? this.#believe(call.peer, nonce, outcome) : outcome;
  }

  #sign(call: PeerCall, session: Session, nonce: string, body: Uint8Array): Record<string, string> {
    const { signer, self, life } = this.#options;
    const sealed = signer.sealBody(body);
    const signature = signer.signRequest({
      method: 'POST',
      path: call.path,
      sender: self,
      recipient: call.peer,
      senderLife: life,
      recipientLife: session.life,
      challenge: session.challenge,
      nonce,
      body: sealed,
    });
    return {
      'content-type': peerContentType,
      [peerHeaders.from]: self,
      [peerHeaders.to]: call.peer,
      [peerHeaders.fromLife]: String(life),
      [peerHeaders.toLife]: String(session.life),
      [peerHeaders.challenge]: session.challenge,
      [peerHeaders.nonce]: nonce,
      [peerHeaders.bodyDigest]: sealed.digest,
      [peerHeaders.signature]: signature,
    };
  }

  #believe(peer: ServerName, nonce: string, answer: PeerOutcome & { ok: true }): CallOutcome | Challenged {
    const { signer, self, life } = this.#options;
    const challenge = answer.headers(peerHeaders.challenge) ?? '';
    const peerLife = incarnation(Number(answer.headers(peerHeaders.fromLife) ?? 0));
    const seal = {
      status: answer.status,
      sender: peer,
      recipient: self,
      senderLife: peerLife,
      recipientLife: life,
      nonce,
      nextChallenge: challenge,
      body: answer.body,
    };
    if (!signer.verifyAnswer(seal, answer.headers(peerHeaders.signature) ?? ''))
      return this.#rejected(peer, isRefusalOf(peer, answer) ? 'other-key' : 'no-peer');
    const session = { challenge, life: peerLife };
    this.#learn(peer, session);
    if (answer.status === 403) return { challenged: session };
    const body = hasContent(answer.status) ? jsonBody(answer.body) : {};
    if (body === undefined) return this.#rejected(peer, 'no-peer');
    return {
      ok: true,
      status: answer.status,
      body,
      life: peerLife,
      sentAt: answer.sentAt,
      answeredAt: answer.answeredAt,
    };
  }

  /** An answer that was held for long may come from a life that is over: its challenge is worth nothing. */
  #learn(peer: ServerName, session: Session): void {
    const known = this.#sessions.get(peer);
    if (known === undefined || session.life >= known.life) this.#sessions.set(peer, session);
  }

  #rejected(peer: ServerName, why: Rejection): CallOutcome {
    this.#options.onRejected(peer, why);
    return { ok: false, reason: 'rejected' };
  }
}

/** A server with another key tells its challenge to the first contact as every server does: in its name, signed, by its own key. */
function isRefusalOf(peer: ServerName, { status, headers }: PeerOutcome & { ok: true }): boolean {
  return status === 403 && headers(peerHeaders.from) === peer && headers(peerHeaders.signature) !== undefined;
}

const encoder = new TextEncoder();
