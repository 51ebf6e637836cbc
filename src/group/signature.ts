import type { Incarnation, ServerName } from '../units/ids.ts';
import type { Hmac } from './hmac.ts';

/**
 * What the signatures of the peer API cover (DESIGN 5, Trust). Freshness comes from the receiver's challenge and the sender's nonce,
 * never from a clock: a request answers the challenge and names a nonce of its own, and its answer is bound to that nonce.
 */
interface Parties {
  readonly sender: ServerName;
  readonly recipient: ServerName;
  readonly senderLife: Incarnation;
  /** As far as the sender knows it; 0 before first contact. */
  readonly recipientLife: Incarnation;
}

export interface RequestSeal extends Parties {
  readonly method: string;
  readonly path: string;
  /** The receiver's; empty before first contact. */
  readonly challenge: string;
  readonly nonce: string;
  readonly body: Uint8Array;
}

export interface AnswerSeal extends Parties {
  readonly status: number;
  /** Of the request that it answers. */
  readonly nonce: string;
  /** For the recipient's next requests. */
  readonly nextChallenge: string;
  readonly body: Uint8Array;
}

/** Signs and verifies with one group's key. */
export class Signer {
  readonly #hmac: Hmac;
  readonly #key: Uint8Array;

  constructor(hmac: Hmac, clusterKey: string) {
    this.#hmac = hmac;
    // A key of its own for this purpose, so that nothing signed elsewhere with the cluster key means anything here.
    this.#key = hmac.sign(encode(clusterKey), [encode('headwater peer api 1')]);
  }

  signRequest(seal: RequestSeal): string {
    return toHex(this.#request(seal));
  }

  verifyRequest(seal: RequestSeal, signature: string): boolean {
    return this.#hmac.equal(this.#request(seal), fromHex(signature));
  }

  signAnswer(seal: AnswerSeal): string {
    return toHex(this.#answer(seal));
  }

  verifyAnswer(seal: AnswerSeal, signature: string): boolean {
    return this.#hmac.equal(this.#answer(seal), fromHex(signature));
  }

  #request(seal: RequestSeal): Uint8Array {
    const fields = ['request', seal.method, seal.path, ...parties(seal), seal.challenge, seal.nonce];
    return this.#hmac.sign(this.#key, [unambiguous(fields), seal.body]);
  }

  #answer(seal: AnswerSeal): Uint8Array {
    const fields = ['answer', String(seal.status), ...parties(seal), seal.nonce, seal.nextChallenge];
    return this.#hmac.sign(this.#key, [unambiguous(fields), seal.body]);
  }
}

function parties(seal: Parties): string[] {
  return [seal.sender, seal.recipient, String(seal.senderLife), String(seal.recipientLife)];
}

/** Lengths in front, so that no two different lists of fields give the same bytes. The body follows and needs none: it is last. */
function unambiguous(fields: readonly string[]): Uint8Array {
  return encode(fields.map((field) => `${field.length}:${field}`).join(''));
}

const encoder = new TextEncoder();

function encode(text: string): Uint8Array {
  return encoder.encode(text);
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Text that is no hexadecimal gives bytes that equal no signature. */
function fromHex(text: string): Uint8Array {
  if (!/^([0-9a-f]{2})*$/.test(text)) return new Uint8Array(0);
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}
