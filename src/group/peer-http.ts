import type { PollFailure } from '../cluster/step/event.ts';
import type { Instant, Millis } from '../units/time.ts';
import type { HeaderSource } from './peer-headers.ts';

/** The port to HTTP between servers. `adapters/peer/peer-http.ts` in production. */
export interface PeerHttp {
  /** Never rejects: what goes wrong is an outcome. */
  post(request: PeerPost): Promise<PeerOutcome>;
}

export interface PeerAddress {
  /** A name is resolved at every connect. */
  readonly host: string;
  readonly port: number;
}

/**
 * `kept`: one that is open, if there is. `new`: a new one, which takes the place of those that are open. `once`: one for this request
 * alone, which says whether connections can be made now.
 */
export type ConnectionChoice = 'kept' | 'new' | 'once';

/** Connections of their own for the exchange: however many live windows wait at a peer, its life is never told late. */
export type Lane = 'exchange' | 'media';

export interface PeerPost {
  readonly address: PeerAddress;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** From now to the last byte of the answer. */
  readonly within: Millis;
  readonly connection: ConnectionChoice;
  readonly lane: Lane;
  /** Longer answers are a failure. */
  readonly maxAnswerBytes: number;
  readonly signal: AbortSignal;
}

/** HTTP sends no content with these, whatever a handler gave (RFC 9110, 15.2, 15.3.5, 15.4.5): such an answer is signed over none. */
export function hasContent(status: number): boolean {
  return status >= 200 && status !== 204 && status !== 304;
}

export type PeerOutcome =
  | {
      readonly ok: true;
      readonly status: number;
      readonly headers: HeaderSource;
      readonly body: Uint8Array;
      /** When the request's last byte was handed over and when the answer's head came: for the clock samples. */
      readonly sentAt: Instant;
      readonly answeredAt: Instant;
    }
  | { readonly ok: false; readonly reason: Exclude<PollFailure, 'rejected'> };
