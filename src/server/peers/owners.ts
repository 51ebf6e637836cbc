import type { ClusterCore } from '../../cluster/step/core.ts';
import type { ServerView } from '../../cluster/step/view.ts';
import type { RunningConfig } from '../../config/running/running-config.ts';
import type { GroupPort, Unsubscribe } from '../../delivery/ports/ports.ts';
import type { Clock } from '../../units/clock.ts';
import type { ServerName, StreamName } from '../../units/ids.ts';
import { Listeners } from '../../units/listeners.ts';
import { between, type Instant, type Millis, millis } from '../../units/time.ts';

/** What the core told of the servers holds for so long, unless a notice says otherwise. */
const viewsLast = millis(100);

/** Who has which stream, as this server sees it: the core for the group's streams, itself for those that it captures for itself. */
export class Owners implements GroupPort {
  readonly self: ServerName;
  readonly #config: RunningConfig;
  readonly #core: () => ClusterCore;
  readonly #clock: Clock;
  readonly #listeners = new Listeners<StreamName>();
  #known: { readonly at: Instant; readonly views: readonly ServerView[] } | undefined;

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

  /** A server came, went, or changed its state. */
  serversChanged(): void {
    this.#known = undefined;
  }

  /** Told by the core, and by a reload for the streams that came or went. */
  changed(streams: readonly StreamName[]): void {
    this.#known = undefined;
    for (const stream of streams) this.#listeners.tell(stream);
  }

  sourceTimeout(stream: StreamName): Millis {
    return this.#config.stream(stream)?.sourceTimeout ?? millis(0);
  }

  publicUrl(server: ServerName): string | undefined {
    return this.#config.server(server)?.publicUrl;
  }

  liveServers(): readonly ServerName[] {
    return this.#views()
      .filter((view) => view.state === 'alive' || view.state === 'suspect')
      .map((view) => view.name);
  }

  isMinority(): boolean {
    return this.#views().some((view) => view.self && view.minority);
  }

  isDown(server: ServerName): boolean {
    return this.view(server)?.state === 'dead';
  }

  /** The peers that can be asked: all that are heard, also those that boot or leave. */
  reachablePeers(): ServerName[] {
    return this.#views()
      .filter((view) => !view.self && view.state !== 'dead' && view.lastHeard !== undefined)
      .map((view) => view.name);
  }

  /** What the core told of that server lately; undefined: it is none of the group's. */
  view(server: ServerName): ServerView | undefined {
    return this.#views().find((view) => view.name === server);
  }

  /** Every redirect asks; the core counts all streams each time it is asked. */
  #views(): readonly ServerView[] {
    const now = this.#clock.monotonic();
    if (this.#known === undefined || between(this.#known.at, now) > viewsLast)
      this.#known = { at: now, views: this.#core().servers(now) };
    return this.#known.views;
  }
}
