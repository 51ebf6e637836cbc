import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { systemClock } from '../../src/adapters/clock.ts';
import { millis } from '../../src/units/time.ts';

/** So often a slow wire lets something through. */
const portionEvery = millis(50);

/**
 * Ways to servers' ports. They can be slow, and then drop what they still hold when the server hangs up, as a lost server's own buffers are
 * lost; and they can be cut as by a firewall that drops packets: nothing arrives, and nobody is told.
 */
export class Wires implements AsyncDisposable {
  readonly #ports = new Map<number, Server>();
  readonly #sockets = new Set<Socket>();
  #isCut = false;
  #bytesPerSecond = Number.POSITIVE_INFINITY;

  /** The port of the way to that port; one way to each. */
  async to(port: number): Promise<number> {
    const server = this.#ports.get(port) ?? createServer((near) => this.#join(near, port));
    if (!server.listening) {
      this.#ports.set(port, server);
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    }
    return (server.address() as AddressInfo).port;
  }

  /** From now on no connection gets more from its server. */
  slow(bytesPerSecond: number): void {
    this.#bytesPerSecond = bytesPerSecond;
  }

  cut(): void {
    this.#isCut = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all([...this.#ports.values()].map((server) => new Promise((done) => server.close(done))));
  }

  #join(near: Socket, toPort: number): void {
    const far = connect(toPort, '127.0.0.1');
    near.on('data', (data: Buffer) => this.#isCut || far.write(data));
    const queue: Buffer[] = [];
    far.on('data', (data: Buffer) => queue.push(data) === 1 && void this.#deliver(queue, near));
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(one);
      one.on('error', () => undefined);
      one.once('close', () => {
        this.#sockets.delete(one);
        if (!this.#isCut) other.destroy();
      });
    }
  }

  /** Until nothing is left. */
  async #deliver(queue: Buffer[], near: Socket): Promise<void> {
    for (let data = queue[0]; data !== undefined && !near.destroyed; data = queue[0]) {
      const isSlow = Number.isFinite(this.#bytesPerSecond);
      const size = isSlow ? Math.ceil((this.#bytesPerSecond * portionEvery) / 1000) : data.length;
      if (!this.#isCut) near.write(data.subarray(0, size));
      if (size >= data.length) queue.shift();
      else queue[0] = data.subarray(size);
      if (isSlow) await systemClock.sleep(portionEvery);
    }
  }
}
