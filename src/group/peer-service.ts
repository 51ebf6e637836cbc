import type { Incarnation, ServerName } from '../units/ids.ts';
import { jsonBody } from './json-body.ts';
import type { PeerGate, Refusal, Refused, RequestHead, SealedRequest } from './peer-gate.ts';
import { peerHeaders } from './peer-headers.ts';
import { hasContent } from './peer-http.ts';

/** One operation of the peer API. Total: what can't be answered is an answer with another status. */
export type PeerHandler = (request: PeerRequest) => Promise<PeerReply>;

export interface PeerRequest {
  readonly from: ServerName;
  readonly fromLife: Incarnation;
  /** Parsed JSON, not yet checked. */
  readonly body: unknown;
  /** Aborted when the peer has closed the connection before the answer. */
  readonly gone: AbortSignal;
}

export interface PeerReply {
  readonly status: number;
  /** Travels only with a status that has content: see `hasContent`. */
  readonly body: unknown;
}

export interface SealedReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface PeerServiceOptions {
  /** Read at every request: a server that lives anew has another gate. */
  readonly gate: () => PeerGate;
  /** By path, such as `/peer/v1/exchange`. */
  readonly handlers: Readonly<Record<string, PeerHandler>>;
  readonly onRefused: (why: Refusal, from: string) => void;
}

/** The peers' side of a server: admits, dispatches, seals. The HTTP adapter only carries its bytes. */
export class PeerService {
  readonly #options: PeerServiceOptions;

  constructor(options: PeerServiceOptions) {
    this.#options = options;
  }

  get paths(): readonly string[] {
    return Object.keys(this.#options.handlers);
  }

  /** The answer to a request that its head alone refuses; undefined: its body is worth reading. */
  refusal(head: RequestHead): SealedReply | undefined {
    const refused = this.#options.gate().refusal(head);
    return refused === undefined ? undefined : this.#refused(refused, head);
  }

  async handle(request: SealedRequest, gone: AbortSignal): Promise<SealedReply> {
    const gate = this.#options.gate();
    const admission = gate.admit(request);
    if (!admission.ok) return this.#refused(admission, request);
    const reply = await this.#dispatch(request, { ...admission.request, gone });
    const body = hasContent(reply.status) ? encoder.encode(JSON.stringify(reply.body)) : new Uint8Array(0);
    return { status: reply.status, headers: gate.seal(admission.request, reply.status, body), body };
  }

  #refused({ why, status, headers }: Refused, head: RequestHead): SealedReply {
    // Without a challenge comes every first contact.
    if (why !== 'challenge') this.#options.onRefused(why, head.headers(peerHeaders.from) ?? '');
    return { status, headers, body: new Uint8Array(0) };
  }

  #dispatch(request: SealedRequest, context: Omit<PeerRequest, 'body'>): Promise<PeerReply> {
    const handler = this.#options.handlers[request.path];
    const body = jsonBody(request.body);
    if (handler === undefined || body === undefined) return Promise.resolve({ status: 400, body: {} });
    return handler({ from: context.from, fromLife: context.fromLife, gone: context.gone, body });
  }
}

const encoder = new TextEncoder();
