import type { PollFailure } from '../../../src/cluster/step/event.ts';
import type { ServerName } from '../../../src/units/ids.ts';
import type { Cancel } from '../schedule.ts';
import type { Connection } from './connection.ts';
import type { Endpoint, SimNetwork } from './sim-network.ts';

export type Failure = PollFailure;

export type Outcome =
  | { readonly kind: 'answered'; readonly body: string }
  | { readonly kind: 'failed'; readonly reason: Failure };

/** A request as the asked process sees it. */
export interface Call {
  readonly from: ServerName;
  readonly body: string;
  respond(body: string): void;
  /** To somebody who is no peer. */
  reject(): void;
  /** The asker gave up or died, as far as the network could tell. */
  onGone(told: () => void): void;
}

export interface Ask {
  readonly client: Endpoint;
  readonly target: ServerName;
  readonly body: string;
  readonly withinMs: number;
  /** A word that was longer on its way is refused for its old challenge: its sender, if it lives, is given a new one and says it again. */
  readonly goodForMs: number;
  /** On a new connection. */
  readonly fresh: boolean;
  /** The connection is kept for the next one. */
  readonly kept: boolean;
  /** Round trips before the request counts: 1 when the asker has no challenge of this life of the target yet. */
  readonly preludes: (target: Endpoint) => number;
  /** Runs in the asked process. */
  readonly serve: (process: Endpoint, call: Call) => void;
  /** Runs in the asking process. */
  readonly done: (outcome: Outcome) => void;
}

/** How long a machine's neighbours look for its address (ARP) before a connection attempt is told "no route". */
const unreachableAfterMs = 3100;

/** One request and its answer, from the connect to the last byte. */
export class Exchange {
  readonly #network: SimNetwork;
  readonly #ask: Ask;
  readonly #number: number;
  #connection: Connection | undefined;
  #over = false;
  #cancelTimeout: Cancel = () => {};

  constructor(network: SimNetwork, ask: Ask, number: number) {
    this.#network = network;
    this.#ask = ask;
    this.#number = number;
  }

  begin(): void {
    const { client, target, withinMs, fresh, kept } = this.#ask;
    this.#cancelTimeout = this.#network.schedule.in(withinMs, () => client.run(() => this.#fail('timeout')));
    const existing = kept ? this.#network.kept(client, target) : undefined;
    if (existing === undefined) this.#connect();
    else if (fresh) {
      existing.close();
      this.#connect();
    } else this.#use(existing);
  }

  abort(): void {
    this.#finish();
    this.#connection?.close();
  }

  #connect(): void {
    const { client, target } = this.#ask;
    const there = this.#network.link(client.host, target);
    const back = this.#network.link(target, client.host);
    // With a process that is gone the kernel stops knocking.
    const wanted = (): boolean => !this.#over && !this.#network.hasEnded(client);
    if (!this.#network.isPowered(target) && this.#number % 2 === 0) {
      this.#network.schedule.in(unreachableAfterMs, () => client.run(() => this.#fail('unreachable')));
    }
    const answerSyn = (): void => {
      if (there.opening === 'dropped' || !this.#network.isPowered(target)) return;
      const listener = there.opening === 'rejected' ? undefined : this.#network.listener(target);
      this.#network.carry({
        link: back,
        wanted,
        arrive: () => {
          if (!wanted()) return;
          if (listener === undefined) client.run(() => this.#fail('refused'));
          else this.#use(this.#network.opened(client, listener, this.#ask.kept));
        },
      });
    };
    this.#network.carry({ link: there, syn: true, wanted, arrive: answerSyn });
  }

  #use(connection: Connection): void {
    this.#connection = connection;
    connection.onReset = () => this.#ask.client.run(() => this.#fail('reset'));
    connection.onGone = undefined;
    this.#talk(connection, this.#ask.preludes(connection.server));
  }

  #talk(connection: Connection, preludes: number): void {
    const wanted = (): boolean => !this.#over;
    const { schedule } = this.#network;
    const saidAt = schedule.now;
    connection.toServer(() => {
      const isOld = schedule.now - saidAt > this.#ask.goodForMs;
      if (isOld) connection.toClient(() => this.#over || this.#talk(connection, 0));
      else if (preludes > 0) connection.toClient(() => this.#over || this.#talk(connection, preludes - 1));
      else this.#serve(connection);
    }, wanted);
  }

  #serve(connection: Connection): void {
    const { client, body, serve } = this.#ask;
    let gone = false;
    let told: (() => void) | undefined;
    connection.onGone = () => {
      gone = true;
      if (told !== undefined) connection.server.run(told);
    };
    const answer = (take: () => void): void => {
      told = undefined;
      if (!gone) connection.toClient(() => client.run(take));
    };
    const call: Call = {
      from: client.host,
      body,
      respond: (text) => answer(() => this.#succeed(text)),
      reject: () => answer(() => this.#fail('rejected')),
      onGone: (tell) => {
        told = tell;
        if (gone) connection.server.run(tell);
      },
    };
    connection.server.run(() => serve(connection.server, call));
  }

  #succeed(body: string): void {
    if (this.#over) return;
    this.#finish();
    if (!this.#ask.kept) this.#connection?.close();
    this.#ask.done({ kind: 'answered', body });
  }

  #fail(reason: Failure): void {
    if (this.#over) return;
    this.#finish();
    this.#connection?.close();
    this.#ask.done({ kind: 'failed', reason });
  }

  #finish(): void {
    this.#over = true;
    this.#cancelTimeout();
    if (this.#connection !== undefined) this.#connection.onReset = undefined;
  }
}
