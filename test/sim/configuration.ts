import type { ClusterConfig, ClusterServer, ClusterStream } from '../../src/cluster/step/cluster-config.ts';
import { type ServerName, type StreamName, serverName, streamName } from '../../src/units/ids.ts';
import { millis } from '../../src/units/time.ts';
import type { WorldOptions } from './options.ts';
import { hash, type Random } from './random.ts';

/** Streams that configuration rollouts add; their cameras stand there from the beginning. */
const spareStreams = 3;

/** The file in the operator's hands: what it says first, and how it is changed. The servers get copies, one by one. */
export class Configuration {
  readonly #options: WorldOptions;
  readonly #random: Random;
  #servers: readonly ClusterServer[];
  #streams: readonly ClusterStream[];
  readonly #spareServer: ClusterServer;
  #spareStreams: readonly ClusterStream[];
  #current: ClusterConfig | undefined;

  constructor(options: WorldOptions, random: Random) {
    this.#options = options;
    this.#random = random;
    const servers = numbered(options.servers + 1).map((n) => this.#server(serverName(`s${n}`)));
    const last = servers.pop();
    if (last === undefined) throw new Error('a group has a server');
    this.#spareServer = last;
    this.#servers = servers;
    const all = numbered(options.streams + spareStreams).map((n) => this.#stream(streamName(`cam${n}`)));
    this.#streams = all.slice(0, options.streams);
    this.#spareStreams = all.slice(options.streams);
  }

  /** Every machine there is, also one that joins later. */
  get machines(): ServerName[] {
    return [...this.#servers, this.#spareServer].map((server) => server.name);
  }

  get everyStream(): ClusterStream[] {
    return [...this.#streams, ...this.#spareStreams];
  }

  current(): ClusterConfig {
    this.#current ??= this.#compose();
    return this.#current;
  }

  #compose(): ClusterConfig {
    const content = {
      servers: this.#servers,
      streams: this.#streams,
      failbackDelay: millis(this.#options.failbackDelayMs),
      handovers: this.#options.handovers,
      partition: this.#options.partition,
    };
    return { ...content, digest: hash(JSON.stringify(content)).toString(16) };
  }

  addStream(): string | undefined {
    const [stream, ...rest] = this.#spareStreams;
    if (stream === undefined) return undefined;
    this.#current = undefined;
    this.#spareStreams = rest;
    this.#streams = [...this.#streams, stream];
    return `stream ${stream.name} is added`;
  }

  removeStream(): string | undefined {
    if (this.#streams.length < 2) return undefined;
    const gone = this.#random.pick(this.#streams);
    this.#current = undefined;
    this.#streams = this.#streams.filter((stream) => stream !== gone);
    this.#spareStreams = [...this.#spareStreams, gone];
    return `stream ${gone.name} is removed`;
  }

  repin(): string | undefined {
    const chosen = this.#random.pick(this.#streams);
    const captureAt = this.#random.chance(0.7) ? this.#random.pick(this.#servers).name : undefined;
    this.#current = undefined;
    this.#streams = this.#streams.map((stream) => (stream === chosen ? { ...stream, captureAt } : stream));
    return `stream ${chosen.name} gets capture_at ${captureAt ?? 'nothing'}`;
  }

  get spare(): ServerName {
    return this.#spareServer.name;
  }

  hasSpare(): boolean {
    return this.#servers.includes(this.#spareServer);
  }

  addServer(): string | undefined {
    if (this.hasSpare()) return undefined;
    this.#current = undefined;
    this.#servers = [...this.#servers, this.#spareServer];
    return `server ${this.spare} is added`;
  }

  removeServer(): string | undefined {
    if (!this.hasSpare() || this.#servers.length < 2) return undefined;
    this.#current = undefined;
    this.#servers = this.#servers.filter((server) => server !== this.#spareServer);
    this.#streams = this.#streams.map((s) => (s.captureAt === this.spare ? { ...s, captureAt: undefined } : s));
    return `server ${this.spare} is removed`;
  }

  #server(name: ServerName): ClusterServer {
    const { fetchMs, staleMs, weights } = this.#options;
    const weight = weights === 'equal' ? 1 : this.#random.pick([0.5, 1, 2]);
    return { name, fetchTimeout: millis(fetchMs), staleTimeout: millis(staleMs), weight };
  }

  #stream(name: StreamName): ClusterStream {
    const { pinned, breaks, sourceTimeoutMs } = this.#options;
    return {
      name,
      captureAt: this.#random.chance(pinned) ? this.#random.pick(this.#servers).name : undefined,
      handover: this.#random.chance(breaks) ? 'break' : 'seamless',
      sourceTimeout: millis(sourceTimeoutMs),
    };
  }
}

function numbered(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}
