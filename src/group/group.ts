import type { Rebirth } from '../cluster/message/server-status.ts';
import type { ClusterConfig } from '../cluster/step/cluster-config.ts';
import type { ClusterCore, ClusterCoreOptions } from '../cluster/step/core.ts';
import type { Event } from '../cluster/step/event.ts';
import type { Clock } from '../units/clock.ts';
import type { Incarnation, ServerName } from '../units/ids.ts';
import { Exchange, type ExchangeOptions } from './exchange.ts';
import type { Hmac } from './hmac.ts';
import { PeerClient, type PeerClientOptions } from './peer-client.ts';
import { PeerGate } from './peer-gate.ts';
import type { PeerAddress, PeerHttp } from './peer-http.ts';
import { type CapturePort, Shell, type ShellPorts } from './shell.ts';
import { Signer } from './signature.ts';

export interface GroupOptions {
  readonly self: ServerName;
  readonly clock: Clock;
  readonly hmac: Hmac;
  readonly http: PeerHttp;
  readonly createCore: (options: ClusterCoreOptions) => ClusterCore;
  readonly random: () => number;
  /** As the configuration in force says; read at every use. */
  readonly config: () => ClusterConfig;
  /** Absent: the group has no key, and nobody's signature holds. */
  readonly clusterKey: () => string | undefined;
  readonly address: (peer: ServerName) => PeerAddress | undefined;
  /** Later than every earlier one and than `above`. */
  readonly nextIncarnation: (above: Incarnation | undefined) => Promise<Incarnation>;
  readonly captures: CapturePort & { dropAll(): void };
  readonly clocks: ExchangeOptions['clocks'];
  readonly ownersChanged: ShellPorts['ownersChanged'];
  readonly notice: ShellPorts['notice'];
  readonly left: () => void;
  /** Peers know a later life of this server: a new life begins. */
  readonly onOutlived?: () => void;
  readonly onRejected: PeerClientOptions['onRejected'];
  readonly onFatal: (error: unknown) => void;
}

/** One life of this server in its group: what a new incarnation makes anew. */
interface Life {
  readonly incarnation: Incarnation;
  readonly shell: Shell;
}

/** By which key this life of the server believes and is believed. */
interface Trust {
  /** Secret. */
  readonly key: string | undefined;
  readonly gate: PeerGate;
  readonly client: PeerClient;
}

/** This server's membership: the core in its shell, the trust in its peers, and a new life when the old one was lost. */
export class Group {
  readonly exchange: Exchange;
  readonly #options: GroupOptions;
  #life: Life;
  #trust: Trust;
  /** Asked to drain or to leave: a new life is asked again. */
  #draining: Event | undefined;
  #leaving: Event | undefined;
  #closed = false;

  /** Not in the group before `begin`: peers are answered, but the core has seen no event. */
  constructor(options: GroupOptions, incarnation: Incarnation) {
    this.#options = options;
    this.exchange = new Exchange({
      client: () => this.client,
      post: (event) => this.post(event),
      clocks: options.clocks,
    });
    this.#life = this.#newLife(incarnation);
    this.#trust = this.#newTrust();
  }

  begin(): void {
    this.post({ type: 'wake' });
  }

  get core(): ClusterCore {
    return this.#life.shell.core;
  }

  get incarnation(): Incarnation {
    return this.#life.incarnation;
  }

  get gate(): PeerGate {
    return this.#trust.gate;
  }

  get client(): PeerClient {
    return this.#trust.client;
  }

  post(event: Event): void {
    if (event.type === 'leave') this.#leaving = event;
    if (event.type === 'drain') this.#draining = event;
    if (event.type === 'undrain') this.#draining = undefined;
    this.#life.shell.post(event);
  }

  /** After a reload: the core learns the configuration, and a new key counts at once. */
  reconfigure(): void {
    // With the same key the challenges that are out stay good: requests of peers are under way with them.
    if (this.#options.clusterKey() !== this.#trust.key) this.#trust = this.#newTrust();
    this.post({ type: 'config', config: this.#options.config() });
  }

  close(): void {
    this.#closed = true;
    this.#life.shell.close();
    this.exchange.reset();
  }

  #newLife(incarnation: Incarnation, born?: Rebirth): Life {
    const options = this.#options;
    const core = options.createCore({
      self: options.self,
      incarnation,
      config: options.config(),
      random: options.random,
      born,
    });
    const shell = new Shell(core, {
      clock: options.clock,
      peers: this.exchange,
      captures: options.captures,
      ownersChanged: options.ownersChanged,
      notice: options.notice,
      reincarnate: ({ above }) => this.#reincarnate(above),
      left: options.left,
    });
    return { incarnation, shell };
  }

  #newTrust(): Trust {
    const { self, clock, hmac, http, config, clusterKey, address, onRejected } = this.#options;
    const key = clusterKey();
    const signer = new Signer(hmac, key ?? hmac.nonce());
    const life = this.#life.incarnation;
    const staleTimeout = (name: ServerName) => config().servers.find((server) => server.name === name)?.staleTimeout;
    return {
      key,
      gate: new PeerGate({ hmac, signer, self, life, staleTimeout, now: () => clock.monotonic() }),
      client: new PeerClient({ clock, hmac, http, signer, self, life, address, onRejected }),
    };
  }

  /** The peers took its streams or will, so its inputs go before anything else. */
  #reincarnate(above: Incarnation | undefined): void {
    this.#life.shell.close();
    this.#options.captures.dropAll();
    this.exchange.reset();
    if (above !== undefined) this.#options.onOutlived?.();
    this.#options.nextIncarnation(above).then((incarnation) => {
      if (this.#closed) return;
      this.#life = this.#newLife(incarnation, above === undefined ? 'stood-still' : 'outlived');
      this.#trust = this.#newTrust();
      this.begin();
      for (const asked of [this.#draining, this.#leaving]) if (asked !== undefined) this.post(asked);
    }, this.#options.onFatal);
  }
}
