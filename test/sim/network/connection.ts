import type { Endpoint, SimNetwork } from './sim-network.ts';

/** One TCP connection between two processes; carries one exchange at a time, as HTTP/1.1 does. */
export class Connection {
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly kept: boolean;
  readonly #network: SimNetwork;
  readonly #forget: (connection: Connection) => void;
  readonly #lastArrival = { toServer: 0, toClient: 0 };
  /** A translating router forgot it: both ends think it is open, nothing gets through. */
  blackholed = false;
  /** Each end learns of the other's end by a packet of its own. */
  #serverGone = false;
  #clientGone = false;
  #closed = false;
  /** Of the exchange that runs. */
  onReset: (() => void) | undefined;
  onGone: (() => void) | undefined;

  constructor(
    network: SimNetwork,
    client: Endpoint,
    server: Endpoint,
    kept: boolean,
    forget: (connection: Connection) => void,
  ) {
    this.#network = network;
    this.client = client;
    this.server = server;
    this.kept = kept;
    this.#forget = forget;
  }

  get open(): boolean {
    return !this.#closed;
  }

  toServer(arrive: () => void, wanted: () => boolean = () => true): void {
    this.#send('toServer', wanted, () => {
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
    this.#forget(this);
    this.onReset = undefined;
    // What was still on its way is lost with the connection.
    this.toServer(() => {
      this.#clientGone = true;
      this.onGone?.();
    });
  }

  /** By something between the two: both ends are told at once that it broke. */
  sever(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#forget(this);
    this.onGone?.();
    this.onReset?.();
  }

  endOf(process: Endpoint, how: 'reset' | 'silent'): void {
    if (process === this.client) {
      this.onReset = undefined;
      if (how === 'reset') this.close();
      else {
        this.#closed = true;
        this.#forget(this);
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
        this.#forget(this);
        this.onReset?.();
      },
    );
  }

  #send(way: 'toServer' | 'toClient', wanted: () => boolean, arrive: () => void): void {
    const [from, to] = way === 'toServer' ? [this.client, this.server] : [this.server, this.client];
    this.#network.carry({
      link: this.#network.link(from.host, to.host),
      wanted: () => wanted() && !this.blackholed,
      notBefore: () => this.#lastArrival[way],
      arrive: () => {
        this.#lastArrival[way] = this.#network.schedule.now;
        arrive();
      },
    });
  }
}
