import type { Endpoint, SimNetwork } from './sim-network.ts';

/** One TCP connection between two processes; carries one exchange at a time, as HTTP/1.1 does. */
export class Connection {
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly kept: boolean;
  readonly #network: SimNetwork;
  readonly #drop: (connection: Connection) => void;
  readonly #lastArrival = { toServer: 0, toClient: 0 };
  #forgotten = false;
  /** Each end learns of the other's end by a packet of its own. */
  #serverGone = false;
  #clientGone = false;
  #closed = false;
  /** The client's machine lost its power: what it had not got through is lost. */
  #clientDark = false;
  /** Of the exchange that runs. */
  onReset: (() => void) | undefined;
  onGone: (() => void) | undefined;

  constructor(
    network: SimNetwork,
    client: Endpoint,
    server: Endpoint,
    kept: boolean,
    drop: (connection: Connection) => void,
  ) {
    this.#network = network;
    this.client = client;
    this.server = server;
    this.kept = kept;
    this.#drop = drop;
  }

  get open(): boolean {
    return !this.#closed;
  }

  toServer(arrive: () => void, wanted: () => boolean = () => true): void {
    const sent = (): boolean => wanted() && !this.#clientDark;
    this.#send('toServer', sent, () => {
      if (!this.#network.isPowered(this.server.host)) return;
      if (this.#serverGone) this.#resetClient();
      else if (!this.#clientGone) arrive();
    });
  }

  toClient(arrive: () => void): void {
    this.#send('toClient', () => !this.#serverGone, arrive);
  }

  /** By the client: a request under way is given up. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#drop(this);
    this.onReset = undefined;
    // What was still on its way is lost with the connection.
    this.toServer(() => {
      this.#clientGone = true;
      this.onGone?.();
    });
  }

  /** By a router between the two: both ends think that it is open, nothing gets through. */
  forget(): void {
    this.#forgotten = true;
    const [client, server] = [this.client.host, this.server.host];
    for (const link of [this.#network.link(client, server), this.#network.link(server, client)]) link.forgot();
  }

  /** By something between the two: both ends are told at once that it broke. */
  sever(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#drop(this);
    this.onGone?.();
    this.onReset?.();
  }

  endOf(process: Endpoint, how: 'reset' | 'silent'): void {
    if (process === this.client) {
      this.onReset = undefined;
      if (how === 'reset') this.close();
      else {
        this.#closed = true;
        this.#clientDark = true;
        this.#drop(this);
      }
      return;
    }
    this.#serverGone = true;
    this.onGone = undefined;
    if (how === 'reset') this.#resetClient();
  }

  #resetClient(): void {
    this.#send(
      'toClient',
      () => !this.#closed,
      () => {
        if (this.#closed) return;
        this.#closed = true;
        this.#drop(this);
        this.onReset?.();
      },
    );
  }

  #send(way: 'toServer' | 'toClient', wanted: () => boolean, arrive: () => void): void {
    const [from, to] = way === 'toServer' ? [this.client, this.server] : [this.server, this.client];
    this.#network.carry({
      link: this.#network.link(from.host, to.host),
      wanted: () => wanted() && !this.#forgotten,
      notBefore: () => this.#lastArrival[way],
      arrive: () => {
        this.#lastArrival[way] = this.#network.schedule.now;
        arrive();
      },
    });
  }
}
