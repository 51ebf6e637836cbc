import { lookup } from 'node:dns';
import { createServer, type Server, type Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { systemClock } from '../../src/adapters/clock.ts';
import { nodeHmac } from '../../src/adapters/hmac.ts';
import { createApp } from '../../src/adapters/http/app.ts';
import { createPeerHttp } from '../../src/adapters/peer/peer-http.ts';
import { registerPeerRoutes } from '../../src/adapters/peer/peer-routes.ts';
import type { Event } from '../../src/cluster/step/event.ts';
import { freePorts } from '../../src/demo/ports.ts';
import { Exchange } from '../../src/group/exchange.ts';
import { PeerClient } from '../../src/group/peer-client.ts';
import { PeerGate } from '../../src/group/peer-gate.ts';
import { PeerService } from '../../src/group/peer-service.ts';
import { Signer } from '../../src/group/signature.ts';
import { incarnation, type ServerName, serverName } from '../../src/units/ids.ts';
import { millis } from '../../src/units/time.ts';
import { silentLog } from '../support/silent-log.ts';
import { a, b, type ContractServer, peersContract, type Rig } from './peers-contract.ts';

peersContract('HTTP on loopback', makeRig);

const x = serverName('x');

async function makeRig(): Promise<Rig> {
  const [portA = 0, portB = 0, portX = 0] = await freePorts([0, 0, 0]);
  const ports = new Map([
    [a, portA],
    [b, portB],
    [x, portX],
  ]);
  const group = [a, b];
  const serverA = await RealServer.open(a, ports, group);
  const serverB = await RealServer.open(b, ports, group);
  const stranger = await RealServer.open(x, ports, [a, b, x]);
  let frozen: Frozen | undefined;
  return {
    a: serverA,
    b: serverB,
    stranger,
    async until(isSo) {
      const deadline = AbortSignal.timeout(5_000);
      while (!isSo()) {
        if (deadline.aborted) throw new Error('waited in vain');
        await systemClock.sleep(millis(5));
      }
    },
    pass: (ms) => systemClock.sleep(millis(ms)),
    async killB() {
      await serverB.die();
      await frozen?.close();
    },
    async freezeB() {
      await serverB.die();
      frozen = await Frozen.open(portB);
    },
    async close() {
      for (const server of [serverA, serverB, stranger]) await server.die();
      await frozen?.close();
    },
  };
}

/** The shell's side of one server over its real adapters. */
class RealServer implements ContractServer {
  readonly name: ServerName;
  readonly events: Event[] = [];
  readonly peers: Exchange;
  readonly #app: FastifyInstance;
  readonly #sockets = new Set<Socket>();
  readonly #http = createPeerHttp(systemClock, lookup);

  static async open(
    name: ServerName,
    ports: ReadonlyMap<ServerName, number>,
    group: readonly ServerName[],
  ): Promise<RealServer> {
    const server = new RealServer(name, ports, group);
    await server.#app.listen({ host: '127.0.0.1', port: ports.get(name) ?? 0 });
    return server;
  }

  private constructor(name: ServerName, ports: ReadonlyMap<ServerName, number>, group: readonly ServerName[]) {
    this.name = name;
    const signer = new Signer(nodeHmac, 'key');
    const life = incarnation(1);
    const gate = new PeerGate({
      hmac: nodeHmac,
      signer,
      self: name,
      life,
      staleTimeout: (peer) => (group.includes(peer) ? millis(10_000) : undefined),
      now: () => systemClock.monotonic(),
    });
    const client = new PeerClient({
      clock: systemClock,
      hmac: nodeHmac,
      http: this.#http,
      signer,
      self: name,
      life,
      address: (peer) => ({ host: '127.0.0.1', port: ports.get(peer) ?? 0 }),
      onRejected: () => {},
    });
    this.peers = new Exchange({
      client: () => client,
      post: (event) => this.events.push(event),
      clocks: { now: () => systemClock.monotonic(), reading: () => ({}), heard: () => {} },
    });
    this.#app = createApp(silentLog);
    const service = new PeerService({ gate: () => gate, handlers: this.peers.handlers, onRefused: () => {} });
    registerPeerRoutes(this.#app, service);
    this.#app.server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  /** As the system does for a process that was killed: its connections break, its port is closed. */
  async die(): Promise<void> {
    for (const socket of this.#sockets) socket.resetAndDestroy();
    await this.#app.close();
    this.peers.reset();
    this.#http.close();
  }
}

/** Connections are accepted, by the system alone; nobody answers. */
class Frozen {
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  static open(port: number): Promise<Frozen> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
    });
    return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(new Frozen(server, sockets))));
  }

  private constructor(server: Server, sockets: Set<Socket>) {
    this.#server = server;
    this.#sockets = sockets;
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
