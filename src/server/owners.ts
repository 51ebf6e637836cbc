import type { ClusterCore } from '../cluster/core.ts';
import type { ServerView } from '../cluster/view.ts';
import type { GroupPort, Unsubscribe } from '../delivery/ports.ts';
import type { Clock } from '../units/clock.ts';
import type { ServerName, StreamName } from '../units/ids.ts';
import { Listeners } from './listeners.ts';
import type { RunningConfig } from './running-config.ts';

/** Who has which stream, as this server sees it: the core for the group's streams, itself for those that it captures for itself. */
export class Owners implements GroupPort {
  readonly self: ServerName;
  readonly #config: RunningConfig;
  readonly #core: () => ClusterCore;
  readonly #clock: Clock;
  readonly #listeners = new Listeners<StreamName>();

  constructor(config: RunningConfig, core: () => ClusterCore, clock: Clock) {
    this.self = config.self;
    this.#config = config;
    this.#core = core;
    this.#clock = clock;
  }

  isConfigured(stream: StreamName): boolean {
    return this.#config.stream(stream) !== undefined;
  }

  streams(): readonly StreamName[] {
    return this.#config.config.streams.map((stream) => stream.name);
  }

  owner(stream: StreamName): ServerName | undefined {
    const config = this.#config.stream(stream);
    if (config === undefined) return undefined;
    return config.clusterIngest === undefined ? this.self : this.#core().owner(stream);
  }

  onOwnerChange(stream: StreamName, changed: () => void): Unsubscribe {
    return this.#listeners.add(stream, changed);
  }

  /** Told by the core, and by a reload for the streams that came or went. */
  changed(streams: readonly StreamName[]): void {
    for (const stream of streams) this.#listeners.tell(stream);
  }

  publicUrl(server: ServerName): string | undefined {
    return this.#config.server(server)?.publicUrl;
  }

  liveServers(): readonly ServerName[] {
    return this.#views()
      .filter((view) => view.state === 'alive' || view.state === 'suspect')
      .map((view) => view.name);
  }

  isDown(server: ServerName): boolean {
    return this.#views().find((view) => view.name === server)?.state === 'dead';
  }

  #views(): readonly ServerView[] {
    return this.#core().servers(this.#clock.monotonic());
  }
}
