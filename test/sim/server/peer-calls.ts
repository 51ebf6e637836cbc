import type { Message } from '../../../src/cluster/message/message.ts';
import type { Effect } from '../../../src/cluster/step/effect.ts';
import type { Event, ProbeResult, ReplyToken } from '../../../src/cluster/step/event.ts';
import type { ServerName } from '../../../src/units/ids.ts';
import type { Call, Outcome } from '../network/exchange.ts';
import type { Endpoint, SimNetwork } from '../network/sim-network.ts';
import type { Contract } from './contract.ts';
import type { HostClock } from './host-clock.ts';
import { WireJson } from './wire-json.ts';

type Of<T extends Effect['type']> = Extract<Effect, { type: T }>;

export interface CallsPorts {
  readonly process: Endpoint;
  readonly network: SimNetwork;
  readonly clock: HostClock;
  readonly contract: Contract;
  /** After so long a word proves no life any more. */
  readonly staleMs: number;
  /** The gate before the core: who is not in the configuration is no peer. */
  isPeer(name: ServerName): boolean;
  step(event: Event): void;
  /** The calls of another process, when one of them is served there. */
  callsOf(process: Endpoint): PeerCalls | undefined;
}

/** What a process says to its peers and answers them: polls, probes and asked witnesses, as text on the wire. */
export class PeerCalls {
  readonly #ports: CallsPorts;
  readonly #polls = new Map<ServerName, () => void>();
  readonly #waiting = new Map<ReplyToken, Call>();
  readonly #challenges = new WeakSet<Endpoint>();
  readonly #wire = new WireJson();
  #tokens = 0;

  constructor(ports: CallsPorts) {
    this.#ports = ports;
  }

  poll({ peer, poll, message, within, fresh }: Of<'poll'>): void {
    this.#polls.get(peer)?.();
    const done = (outcome: Outcome): void => {
      this.#polls.delete(peer);
      if (outcome.kind === 'failed') this.#ports.step({ type: 'poll-failed', peer, poll, reason: outcome.reason });
      else this.#ports.step({ type: 'answer', peer, poll, message: parse(outcome.body) });
    };
    const serve = (there: PeerCalls, call: Call): void => there.#request(call);
    const abort = this.#ask({ target: peer, body: this.#wire.encode(message), within, fresh, kept: true, serve, done });
    this.#polls.set(peer, abort);
  }

  /** Answered by the target's shell: its core is not asked. */
  probe({ target, probe, within }: Of<'probe'>): void {
    const serve = (_: PeerCalls, call: Call): void => call.respond('answered');
    const done = (outcome: Outcome): void =>
      this.#ports.step({ type: 'probe-result', target, probe, result: resultOf(outcome) });
    this.#ask({ target, body: '', within, fresh: true, kept: false, serve, done });
  }

  askWitness({ witness, target, ask, within }: Of<'ask-witness'>): void {
    const serve = (there: PeerCalls, call: Call): void => there.#probeRequest(call, target);
    const done = (outcome: Outcome): void => {
      const result = outcome.kind === 'answered' ? (outcome.body as ProbeResult) : 'silent';
      this.#ports.step({ type: 'witness-result', witness, target, ask, result });
    };
    this.#ask({ target: witness, body: target, within, fresh: true, kept: false, serve, done });
  }

  reply({ reply, message }: Of<'reply'>): void {
    this.#respond(reply, this.#wire.encode(message));
  }

  replyProbe({ reply, result }: Of<'reply-probe'>): void {
    this.#respond(reply, result);
  }

  /** The process ended and its system closes what it had open. */
  abortAll(): void {
    for (const abort of this.#polls.values()) abort();
  }

  #ask(ask: {
    target: ServerName;
    body: string;
    within: number;
    fresh: boolean;
    kept: boolean;
    serve: (there: PeerCalls, call: Call) => void;
    done: (outcome: Outcome) => void;
  }): () => void {
    const { process, network, clock, callsOf } = this.#ports;
    return network.ask({
      client: process,
      target: ask.target,
      body: ask.body,
      withinMs: clock.worldSpan(ask.within),
      goodForMs: this.#ports.staleMs,
      fresh: ask.fresh,
      kept: ask.kept,
      preludes: (target) => {
        const met = this.#challenges.has(target);
        this.#challenges.add(target);
        return met ? 0 : 1;
      },
      serve: (there, call) => {
        const calls = callsOf(there);
        if (calls !== undefined) ask.serve(calls, call);
      },
      done: ask.done,
    });
  }

  #request(call: Call): void {
    const reply = this.#admit(call);
    if (reply === undefined) return;
    const { contract, clock, step } = this.#ports;
    contract.parked(reply, clock.now());
    call.onGone(() => {
      if (!this.#waiting.delete(reply)) return;
      contract.gone(reply);
      step({ type: 'request-gone', reply });
    });
    step({ type: 'request', from: call.from, message: parse(call.body), reply });
  }

  #probeRequest(call: Call, target: ServerName): void {
    const reply = this.#admit(call);
    if (reply === undefined) return;
    this.#ports.contract.asked(reply, target);
    this.#ports.step({ type: 'probe-request', from: call.from, target, reply });
  }

  #admit(call: Call): ReplyToken | undefined {
    if (!this.#ports.isPeer(call.from)) {
      call.reject();
      return undefined;
    }
    const reply = this.#tokens++;
    this.#waiting.set(reply, call);
    return reply;
  }

  #respond(reply: ReplyToken, body: string): void {
    this.#waiting.get(reply)?.respond(body);
    this.#waiting.delete(reply);
  }
}

/** A parsed border: whatever text arrives, the core takes as a message. */
function parse(body: string): Message {
  return JSON.parse(body) as Message;
}

function resultOf(outcome: Outcome): ProbeResult {
  if (outcome.kind === 'answered') return 'answered';
  return outcome.reason === 'refused' ? 'refused' : 'silent';
}
