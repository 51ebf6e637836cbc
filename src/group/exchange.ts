import { type Message, parseMessage } from '../cluster/message/message.ts';
import type { Effect } from '../cluster/step/effect.ts';
import type { Event, ProbeResult, ReplyToken } from '../cluster/step/event.ts';
import { type ServerName, serverName } from '../units/ids.ts';
import type { Instant } from '../units/time.ts';
import type { CallOutcome, PeerCall, PeerClient } from './peer-client.ts';
import type { PeerHandler, PeerReply } from './peer-service.ts';

const exchangePath = '/peer/v1/exchange';
export const helloPath = '/peer/v1/hello';
export const probePath = '/peer/v1/probe';

type Of<T extends Effect['type']> = Extract<Effect, { type: T }>;

export interface ExchangeOptions {
  /** Read at every call: a server that lives anew has another client. */
  readonly client: () => PeerClient;
  readonly post: (event: Event) => void;
  /** What the answer to a request that came at `receivedAt` says of this server's clocks, and what to do with a peer's. */
  readonly clocks: {
    readonly reading: (receivedAt: Instant) => unknown;
    readonly heard: (peer: ServerName, reading: unknown, sent: Instant, answered: Instant) => void;
    readonly now: () => Instant;
  };
}

/** Performs the core's effects towards its peers and turns what comes from them into its events. */
export class Exchange {
  readonly #options: ExchangeOptions;
  readonly #polls = new Map<ServerName, AbortController>();
  readonly #parked = new Map<ReplyToken, (reply: PeerReply) => void>();
  readonly #underWay = new Set<AbortController>();
  #lastToken = 0;

  constructor(options: ExchangeOptions) {
    this.#options = options;
  }

  poll(effect: Of<'poll'>): void {
    const { peer, message, within, fresh } = effect;
    this.#polls.get(peer)?.abort();
    const connection = fresh ? 'new' : 'kept';
    const call = { peer, path: exchangePath, body: { message }, within, connection, lane: 'exchange' } as const;
    this.#polls.set(
      peer,
      this.#call(call, (outcome) => this.#polled(effect, outcome)),
    );
  }

  probe({ target, probe, within }: Of<'probe'>): void {
    this.#call({ peer: target, path: helloPath, body: {}, within, connection: 'once' }, (outcome) => ({
      type: 'probe-result',
      target,
      probe,
      result: found(outcome),
    }));
  }

  askWitness({ witness, target, ask, within }: Of<'ask-witness'>): void {
    this.#call({ peer: witness, path: probePath, body: { target }, within, connection: 'once' }, (outcome) => ({
      type: 'witness-result',
      witness,
      target,
      ask,
      result: testimony(outcome),
    }));
  }

  reply({ reply, message }: Of<'reply'>): void {
    this.#unpark(reply, message);
  }

  replyProbe({ reply, target, result }: Of<'reply-probe'>): void {
    this.#unpark(reply, { target, result });
  }

  /** What the peers may ask; the keys are paths. */
  readonly handlers: Readonly<Record<string, PeerHandler>> = {
    [helloPath]: () => Promise.resolve({ status: 200, body: {} }),
    [exchangePath]: async ({ from, body, gone }) => {
      const receivedAt = this.#options.clocks.now();
      const message = messageFrom(from, body);
      if (message === undefined) return { status: 400, body: {} };
      const reply = await this.#park(gone, (token) => ({
        type: 'request',
        from,
        message,
        reply: token,
      }));
      return { status: reply.status, body: { message: reply.body, clock: this.#options.clocks.reading(receivedAt) } };
    },
    [probePath]: ({ from, body, gone }) => {
      const target = field(body, 'target');
      if (typeof target !== 'string') return Promise.resolve({ status: 400, body: {} });
      return this.#park(gone, (token) => ({
        type: 'probe-request',
        from,
        target: serverName(target),
        reply: token,
      }));
    },
  };

  /** Drops all that is under way and reports nothing of it; parked requests of peers are answered with an empty 503. */
  reset(): void {
    for (const call of this.#underWay) call.abort();
    this.#polls.clear();
    for (const reply of this.#parked.values()) reply({ status: 503, body: {} });
    this.#parked.clear();
  }

  /** Ends in one event, or in none when it is aborted. */
  #call(call: Omit<PeerCall, 'signal'>, eventOf: (outcome: CallOutcome) => Event): AbortController {
    const underWay = new AbortController();
    this.#underWay.add(underWay);
    void this.#options
      .client()
      .call({ ...call, signal: underWay.signal })
      .then((outcome) => {
        this.#underWay.delete(underWay);
        if (!underWay.signal.aborted) this.#options.post(eventOf(outcome));
      });
    return underWay;
  }

  #polled(effect: Of<'poll'>, outcome: CallOutcome): Event {
    const { peer, poll } = effect;
    if (!outcome.ok) return { type: 'poll-failed', peer, poll, reason: outcome.reason };
    const message = messageFrom(peer, outcome.body);
    // A peer that is signed but answers nothing (it closes, or lives anew) has not answered.
    if (outcome.status !== 200 || message === undefined) return { type: 'poll-failed', peer, poll, reason: 'reset' };
    this.#options.clocks.heard(peer, field(outcome.body, 'clock'), outcome.sentAt, outcome.answeredAt);
    return { type: 'answer', peer, poll, message };
  }

  #unpark(token: ReplyToken, body: unknown): void {
    const reply = this.#parked.get(token);
    this.#parked.delete(token);
    reply?.({ status: 200, body });
  }

  #park(gone: AbortSignal, event: (token: ReplyToken) => Event): Promise<PeerReply> {
    const token = ++this.#lastToken;
    return new Promise((resolve) => {
      this.#parked.set(token, resolve);
      gone.addEventListener('abort', () => {
        if (!this.#parked.delete(token)) return;
        resolve({ status: 503, body: {} });
        this.#options.post({ type: 'request-gone', reply: token });
      });
      this.#options.post(event(token));
    });
  }
}

/** What the peer says of itself; undefined when it is no message, or speaks for another than who signed it. */
function messageFrom(peer: ServerName, body: unknown): Message | undefined {
  const message = parseMessage(field(body, 'message'));
  return message?.state.server === peer ? message : undefined;
}

function found(outcome: CallOutcome): ProbeResult {
  if (outcome.ok) return 'answered';
  return outcome.reason === 'refused' ? 'refused' : 'silent';
}

/** What a witness answered to the question at `probePath`. */
export function testimony(outcome: CallOutcome): ProbeResult {
  const result = outcome.ok ? field(outcome.body, 'result') : undefined;
  return result === 'answered' || result === 'refused' ? result : 'silent';
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
