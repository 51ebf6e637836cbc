import type { ServerName } from '../../../src/units/ids.ts';
import type { Random } from '../random.ts';
import type { Schedule } from '../schedule.ts';
import { Connection } from './connection.ts';
import { type Ask, Exchange } from './exchange.ts';
import { Link } from './link.ts';

/** One life of a server process, as the network knows it. */
export interface Endpoint {
  readonly host: ServerName;
  /** Runs `job` in the process when it gets round to it: never while it is frozen, late while it is slow. */
  run(job: () => void): void;
}

export interface NetworkOptions {
  /** One way, smallest and largest of all links. */
  readonly delayMs: readonly [number, number];
  /** Mean of what a packet takes longer than the link's delay; cut at `jitterCut` times that. */
  readonly jitterMs: number;
  readonly loss: number;
}

/** The tail of the exponential beyond five means is left to clogging, so that a bound can name the longest delay of a whole network. */
export const jitterCut = 5;

/** TCP's smallest retransmission time-out on Linux, doubled each time, and the first one of a SYN. */
const retransmitMs = 200;
const retransmitSynMs = 1000;
const retransmitMaxMs = 10_000;

/** Machines, the links between them, and the connections of their processes. TCP: what is lost is sent again, so loss is delay. */
export class SimNetwork {
  readonly schedule: Schedule;
  readonly options: NetworkOptions;
  readonly #random: Random;
  readonly #links = new Map<ServerName, Map<ServerName, Link>>();
  readonly #delays = new Map<Link, number>();
  readonly #listening = new Map<ServerName, Endpoint>();
  readonly #powered = new Set<ServerName>();
  readonly #ended = new WeakSet<Endpoint>();
  readonly #connections = new Set<Connection>();
  #exchanges = 0;

  constructor(schedule: Schedule, options: NetworkOptions, random: Random, hosts: readonly ServerName[]) {
    this.schedule = schedule;
    this.options = options;
    this.#random = random;
    for (const from of hosts) {
      const row = new Map<ServerName, Link>();
      this.#links.set(from, row);
      this.#powered.add(from);
      for (const to of hosts) {
        const link = new Link(from, to, () => schedule.now);
        row.set(to, link);
        this.#delays.set(link, random.logBetween(...options.delayMs));
      }
    }
  }

  link(from: ServerName, to: ServerName): Link {
    const link = this.#links.get(from)?.get(to);
    if (link === undefined) throw new Error(`no link from ${from} to ${to}`);
    return link;
  }

  links(): Link[] {
    return [...this.#links.values()].flatMap((row) => [...row.values()]).filter((link) => link.from !== link.to);
  }

  /** Since when nothing is wrong between two machines, either way; infinite while something is. */
  wholeSince(a: ServerName, b: ServerName): number {
    return Math.max(this.link(a, b).wholeSince, this.link(b, a).wholeSince);
  }

  isPowered(host: ServerName): boolean {
    return this.#powered.has(host);
  }

  listener(host: ServerName): Endpoint | undefined {
    return this.#powered.has(host) ? this.#listening.get(host) : undefined;
  }

  listen(process: Endpoint): void {
    this.#powered.add(process.host);
    this.#listening.set(process.host, process);
  }

  /** The process is gone. Its machine lives and says so on every connection, unless it lost its power. */
  end(process: Endpoint, how: 'reset' | 'silent'): void {
    this.#ended.add(process);
    if (this.#listening.get(process.host) === process) this.#listening.delete(process.host);
    if (how === 'silent') this.#powered.delete(process.host);
    for (const connection of this.#connections) {
      if (connection.client === process || connection.server === process) connection.endOf(process, how);
    }
  }

  hasEnded(process: Endpoint): boolean {
    return this.#ended.has(process);
  }

  powerOn(host: ServerName): void {
    this.#powered.add(host);
  }

  /** Ends in exactly one `done`, unless it is aborted by the function returned. */
  ask(ask: Ask): () => void {
    const exchange = new Exchange(this, ask, this.#exchanges++);
    exchange.begin();
    return () => exchange.abort();
  }

  /** The connection that `client` keeps to `target`. */
  kept(client: Endpoint, target: ServerName): Connection | undefined {
    for (const connection of this.#connections) {
      if (connection.client === client && connection.server.host === target && connection.kept) return connection;
    }
    return undefined;
  }

  opened(client: Endpoint, server: Endpoint, kept: boolean): Connection {
    const connection = new Connection(this, client, server, kept, (closed) => this.#connections.delete(closed));
    this.#connections.add(connection);
    return connection;
  }

  connections(): Connection[] {
    return [...this.#connections];
  }

  /** Carries one packet, again and again while `wanted`; `notBefore` keeps the order of a connection. Returns nothing: it arrives or not. */
  carry(packet: {
    link: Link;
    syn?: boolean;
    wanted: () => boolean;
    notBefore?: () => number;
    arrive: () => void;
  }): void {
    const { link, wanted, arrive } = packet;
    let patience = packet.syn ? retransmitSynMs : retransmitMs;
    const attempt = (): void => {
      if (!wanted()) return;
      const lost = this.#random.chance(this.options.loss + link.loss);
      if (!lost && !link.blocked) {
        const arrival = Math.max(this.schedule.now + this.#delay(link), packet.notBefore?.() ?? 0);
        this.schedule.at(arrival, arrive);
        return;
      }
      this.schedule.in(patience, attempt);
      patience = Math.min(patience * 2, retransmitMaxMs);
    };
    attempt();
  }

  #delay(link: Link): number {
    const { jitterMs } = this.options;
    const jitter = Math.min(this.#random.exponential(jitterMs), jitterCut * jitterMs);
    return (this.#delays.get(link) ?? 0) + link.extraDelayMs + jitter;
  }
}
