import type { Incarnation, ServerName } from '../units/ids.ts';
import type { Hmac } from './hmac.ts';

/**
 * What the signatures of the peer API cover (docs/decisions/004). Freshness comes from the receiver's challenge and the sender's nonce,
 * never from a clock: a request answers the challenge and names a nonce of its own, and its answer is bound to that nonce. A request's
 * signature covers its body by length and digest, so that the head alone can be judged before the body is read.
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
  readonly body: BodySeal;
}

/** What a request's head tells of its body. */
export interface BodySeal {
  /** In bytes; not a number when the head tells none, which no peer signs. */
  readonly length: number;
  readonly digest: string;
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
  readonly #bodyKey: Uint8Array;

  constructor(hmac: Hmac, clusterKey: string) {
    this.#hmac = hmac;
    // A key of its own for this purpose, so that nothing signed elsewhere with the cluster key means anything here.
    this.#key = hmac.sign(encode(clusterKey), [encode('headwater peer api 1')]);
    this.#bodyKey = hmac.sign(encode(clusterKey), [encode('headwater peer api 1 body')]);
  }

  sealBody(body: Uint8Array): BodySeal {
    return { length: body.length, digest: toHex(this.#hmac.sign(this.#bodyKey, [body])) };
  }

  verifyBody(body: Uint8Array, { length, digest }: BodySeal): boolean {
    return body.length === length && this.#hmac.equal(this.#hmac.sign(this.#bodyKey, [body]), fromHex(digest));
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
    const { method, path, challenge, nonce, body } = seal;
    const fields = ['request', method, path, ...parties(seal), challenge, nonce, String(body.length), body.digest];
    return this.#hmac.sign(this.#key, [unambiguous(fields)]);
  }

  #answer(seal: AnswerSeal): Uint8Array {
    const fields = ['answer', String(seal.status), ...parties(seal), seal.nonce, seal.nextChallenge];
    return this.#hmac.sign(this.#key, [unambiguous(fields), seal.body]);
  }
}

function parties(seal: Parties): string[] {
  return [seal.sender, seal.recipient, String(seal.senderLife), String(seal.recipientLife)];
}

/** Lengths in front, so that no two different lists of fields give the same bytes. An answer's body follows and needs none: it is last. */
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
