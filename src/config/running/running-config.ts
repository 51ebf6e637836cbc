import type { ClusterConfig } from '../../cluster/step/cluster-config.ts';
import type { ServerName, StreamName } from '../../units/ids.ts';
import type { UnixMicros } from '../../units/time.ts';
import type { Config, Diagnostic, PeerConfig, StreamConfig } from '../model/config.ts';
import { configDigest, type Hash } from './digest.ts';
import { followable } from './followable.ts';
import { clusterConfig } from './to-cluster.ts';

/** The configuration in force, ready to be asked; a reload replaces it whole. */
export class RunningConfig {
  readonly #self: PeerConfig;
  readonly #started: Config;
  readonly #hash: Hash;
  #config: Config;
  #cluster: ClusterConfig;
  #streams: ReadonlyMap<StreamName, StreamConfig>;
  #peers: ReadonlyMap<ServerName, PeerConfig>;
  #loadedAt: UnixMicros;
  /** Of the file that was read last, which is in force unless one is an error. */
  diagnostics: readonly Diagnostic[];

  constructor(options: {
    readonly self: PeerConfig;
    readonly config: Config;
    readonly diagnostics: readonly Diagnostic[];
    readonly loadedAt: UnixMicros;
    readonly hash: Hash;
  }) {
    this.#self = options.self;
    this.#started = options.config;
    this.#hash = options.hash;
    this.#config = options.config;
    this.#loadedAt = options.loadedAt;
    this.diagnostics = options.diagnostics;
    this.#cluster = this.#toCluster(options.config, options.config);
    this.#streams = byName(options.config.streams);
    this.#peers = byName(this.#servers(options.config));
  }

  /** Takes over what a running server can follow of it. */
  replace(read: Config, loadedAt: UnixMicros): void {
    const config = followable(this.#config, read);
    this.#config = config;
    this.#loadedAt = loadedAt;
    this.#cluster = this.#toCluster(config, read);
    this.#streams = byName(config.streams);
    this.#peers = byName(this.#servers(config));
  }

  /** The one that the process was started with. */
  get started(): Config {
    return this.#started;
  }

  get config(): Config {
    return this.#config;
  }

  get cluster(): ClusterConfig {
    return this.#cluster;
  }

  get self(): ServerName {
    return this.#self.name;
  }

  get loadedAt(): UnixMicros {
    return this.#loadedAt;
  }

  stream(name: StreamName): StreamConfig | undefined {
    return this.#streams.get(name);
  }

  /** Itself among them, also when it is alone. */
  server(name: ServerName): PeerConfig | undefined {
    return this.#peers.get(name);
  }

  get peers(): readonly ServerName[] {
    return [...this.#peers.keys()].filter((name) => name !== this.self);
  }

  #servers(config: Config): readonly PeerConfig[] {
    return config.peers.length > 0 ? config.peers : [this.#self];
  }

  /** The digest is that of the file: servers that have read the same one agree, also those that were started with it. */
  #toCluster(config: Config, read: Config): ClusterConfig {
    return clusterConfig(config, { digest: configDigest(read, this.#hash), self: this.#self.name });
  }
}

function byName<N, T extends { readonly name: N }>(items: readonly T[]): ReadonlyMap<N, T> {
  return new Map(items.map((item) => [item.name, item]));
}
