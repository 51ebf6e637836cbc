import { once } from 'node:events';
import type { Server } from 'node:net';

/** A listening port that can be shut and opened again at the same number, as when a device loses its power. */
export class Listener {
  readonly #make: () => Server;
  readonly #host: string;
  #port: number;
  #server: Server | undefined;

  private constructor(make: () => Server, port: number, host: string) {
    this.#make = make;
    this.#port = port;
    this.#host = host;
  }

  /** Port 0 takes any free one. */
  static async open(make: () => Server, port: number, host: string): Promise<Listener> {
    const listener = new Listener(make, port, host);
    await listener.reopen();
    return listener;
  }

  get port(): number {
    return this.#port;
  }

  async reopen(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = this.#make();
    this.#server = server;
    server.listen(this.#port, this.#host);
    await once(server, 'listening');
    const address = server.address();
    if (typeof address === 'object' && address !== null) this.#port = address.port;
  }

  /** New connections are refused from here on. Those that are open are their owners' to end; resolves without waiting for them. */
  shut(): void {
    this.#server?.close();
    this.#server = undefined;
  }
}
