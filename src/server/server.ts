import { nodeHmac } from '../adapters/hmac.ts';
import { openRemoteMpegts } from '../adapters/peer/remote-mpegts.ts';
import { randomNumber } from '../adapters/random.ts';
import { createClusterCore } from '../cluster/cluster-core.ts';
import type { ClusterCore } from '../cluster/step/core.ts';
import type { ClusterNotice } from '../cluster/step/notice.ts';
import type { RunningConfig } from '../config/running-config.ts';
import { listenAddress } from '../config/self.ts';
import { Chronicle } from '../events/chronicle.ts';
import { Ends, endsPath } from '../events/ends.ts';
import { EventSync, eventsPath } from '../events/event-sync.ts';
import { Group } from '../group/group.ts';
import { PeerService } from '../group/peer-service.ts';
import { AppError } from '../units/app-error.ts';
import type { ServerName, StreamName } from '../units/ids.ts';
import { Scope } from '../units/scope.ts';
import { type Ticks, ticks } from '../units/ticks.ts';
import { millis } from '../units/time.ts';
import { type Ground, openGround, type ServerOptions } from './ground.ts';
import { lastPublishedEnd } from './media/last-end.ts';
import { LocalCaptures } from './media/local-captures.ts';
import { MediaSide } from './media-side.ts';
import { Control } from './operate/control.ts';
import { lastViewersWait } from './operate/leave.ts';
import { Reload } from './operate/reload.ts';
import { Owners } from './peers/owners.ts';
import { mediaPath, PeerMedia } from './peers/peer-media.ts';
import { relayWindows } from './peers/relayed-windows.ts';
import { livePath, serveWindows } from './peers/remote-windows.ts';
import { signOfLife } from './peers/sign-of-life.ts';
import { quietWarning } from './quiet-warning.ts';
import { eventsPort } from './show/events-port.ts';
import { HttpFront } from './show/http-front.ts';
import { Status } from './show/status.ts';

/** The journal drops a day's file once a day. */
const expireEvery = millis(3_600_000);

/** Of what a stranger calls itself, in the log. */
const longestName = 100;

/** A running server: composition only. What a part needs of another it gets as a function, so the order of making is free. */
export class Server {
  readonly #options: ServerOptions;
  readonly #ground: Ground;
  readonly #media: MediaSide;
  readonly #group: Group;
  readonly #chronicle: Chronicle;
  readonly #owners: Owners;
  readonly #local: LocalCaptures;
  readonly #reload: Reload;
  readonly #control: Control;
  readonly #sync: EventSync;
  readonly #ends: Ends;
  readonly #front: HttpFront;
  readonly #warnQuietly: ReturnType<typeof quietWarning>;
  #hasLeft: () => void = () => {};

  /** Starts a server. Rejects with an `AppError` when its folder or its port can't be had, and has closed all again then. */
  static async open(options: ServerOptions): Promise<Server> {
    const scope = new Scope();
    try {
      let server: Server | undefined;
      // The workers tell nothing of captures before one is started.
      const ground = await openGround(options, scope, (fact) => {
        if (server !== undefined) server.#media.captures.onFact(fact);
      });
      server = new Server(options, ground);
      await server.#begin();
      return server;
    } catch (error) {
      await scope.close();
      throw error;
    }
  }

  private constructor(options: ServerOptions, ground: Ground) {
    this.#options = options;
    this.#ground = ground;
    this.#warnQuietly = quietWarning(options.log, options.clock);
    this.#owners = new Owners(ground.config, () => this.#group.core, options.clock);
    this.#chronicle = this.#createChronicle();
    this.#media = this.#createMedia();
    this.#group = this.#createGroup();
    this.#sync = this.#createSync();
    this.#ends = new Ends({
      client: () => this.#group.client,
      own: (stream) => this.#chronicle.timelines.end(stream),
    });
    this.#local = new LocalCaptures(this.#media.captures);
    this.#reload = this.#createReload();
    this.#control = this.#createControl();
    this.#front = this.#createFront();
  }

  /** Reads the configuration again; a bad file leaves the running one in force. */
  async reload(): Promise<void> {
    await this.#reload.run();
  }

  /** Gives its streams away and says goodbye; resolves when the process may exit. */
  leave(): Promise<void> {
    return new Promise((resolve) => {
      this.#hasLeft = resolve;
      this.#group.post({ type: 'leave', linger: lastViewersWait(this.#ground.config.config.streams) });
    });
  }

  /** Closes everything at once, without a word to the peers. */
  close(): Promise<void> {
    return this.#ground.scope.close();
  }

  async #begin(): Promise<void> {
    const { scope, config } = this.#ground;
    for (const part of [this.#media, this.#ends, this.#chronicle, this.#group, this.#sync])
      scope.defer(() => part.close());
    await this.#front.listen(listenAddress(this.#options.config, this.#options.self));
    scope.defer(() => this.#front.close());
    this.#sync.follow(config.peers);
    this.#local.follow(config.config.streams);
    scope.spawn((signal) => this.#expireEvents(signal), this.#options.onFatal);
    this.#group.begin();
  }

  async #expireEvents(signal: AbortSignal): Promise<void> {
    const { journal } = this.#ground;
    for (;;) {
      await this.#options.clock.sleep(expireEvery, signal);
      await journal.expire(this.#media.clocks.utc());
    }
  }

  #createMedia(): MediaSide {
    const { clock, version, onFatal } = this.#options;
    const { config, pool } = this.#ground;
    return new MediaSide({
      clock,
      version,
      config,
      pool,
      client: () => this.#group.client,
      openRemoteMpegts: ({ owner, ...request }) => openRemoteMpegts(addressOf(config, owner), request),
      fact: (stream, attempt, fact) => this.#group.post({ type: 'capture', stream, attempt, fact }),
      chronicle: this.#chronicle,
      onCaptureEnd: () => this.#control.captureEnded(),
      onOverlap: (stream) => this.#front.expectHandover(stream),
      // In whole seconds, so that it is the same warning while nothing changes.
      onSkew: (peer, skew) =>
        this.#warnQuietly("a peer's clock differs", { peer, skewSeconds: Math.round(skew / 1000) }),
      isDown: (server) => this.#owners.isDown(server),
      onFollowError: onFatal,
    });
  }

  #createGroup(): Group {
    const { self, clock, log, onFatal } = this.#options;
    const { config, state, http, incarnation } = this.#ground;
    const { captures, clocks } = this.#media;
    return new Group(
      {
        self: self.name,
        clock,
        hmac: nodeHmac,
        http,
        createCore: createClusterCore,
        random: randomNumber,
        config: () => config.cluster,
        clusterKey: () => config.config.clusterKey,
        address: (peer) => config.server(peer),
        nextIncarnation: (above) => state.nextIncarnation(clock.wall() / 1000, above),
        captures: {
          start(effect) {
            // The last moment at which the clock may jump is before the first capture.
            clocks.adjust();
            captures.start(effect);
          },
          stop: (effect) => captures.stop(effect),
          dropAll: () => captures.dropAll(),
        },
        clocks: {
          now: () => clock.monotonic(),
          reading: (receivedAt) => clocks.reading(receivedAt),
          heard: (peer, reading, sent, answered) => clocks.heard(peer, reading, sent, answered),
        },
        ownersChanged: (streams) => this.#owners.changed(streams),
        notice: (notice) => this.#onNotice(notice),
        left: () => this.#hasLeft(),
        onOutlived: () => {
          log.warn('the peers know a later life of this server (its clock or its state_dir went back): it begins anew');
          this.#chronicle.newLife('outlived');
        },
        onRejected: (peer) => this.#warnQuietly('peer has another cluster_key, or is no Headwater server', { peer }),
        onFatal,
      },
      incarnation,
    );
  }

  #createChronicle(): Chronicle {
    const { self, clock, log } = this.#options;
    const { journal } = this.#ground;
    return new Chronicle({
      self: self.name,
      clock,
      utc: () => this.#media.clocks.utc(),
      incarnation: () => this.#group.incarnation,
      journal,
      log,
      endAt: (stream, from) =>
        this.#owners.isDown(from) ? Promise.resolve(this.#endAtDead(stream, from)) : this.#ends.at(from, stream),
      onLost: (lost) => this.#front.metrics.videoLost(lost),
    });
  }

  #createSync(): EventSync {
    const { self, clock } = this.#options;
    const { journal } = this.#ground;
    const utc = () => this.#media.clocks.utc();
    return new EventSync({
      self: self.name,
      journal,
      clock,
      utc,
      client: () => this.#group.client,
      onNews: (event) => this.#chronicle.heard(event),
    });
  }

  #createReload(): Reload {
    const { load, log } = this.#options;
    const { config } = this.#ground;
    return new Reload({
      config,
      load,
      utc: () => this.#media.clocks.utc(),
      write: (told) => this.#chronicle.write(told),
      log,
      apply: {
        group: () => {
          this.#group.reconfigure();
          this.#sync.follow(config.peers);
        },
        restartInput: (stream) => this.#media.captures.restart(stream),
        local: () => this.#local.follow(config.config.streams),
        ownersChanged: (streams) => this.#owners.changed(streams),
      },
    });
  }

  #createControl(): Control {
    return new Control({
      clock: this.#options.clock,
      captures: this.#media.captures,
      reload: this.#reload,
      post: (event) => this.#group.post(event),
      hasTakers: () => this.#hasTakers(),
    });
  }

  #createFront(): HttpFront {
    const { clock, log, version } = this.#options;
    const { config, journal, scope } = this.#ground;
    const peerMedia = this.#createPeerMedia();
    scope.defer(() => peerMedia.close());
    const status = new Status({
      clock,
      version,
      config,
      core: () => this.#group.core,
      captures: this.#media.captures,
      board: this.#media.board,
      peerMedia,
      clocks: this.#media.clocks,
      lastError: (stream) => this.#media.lastError(stream),
    });
    return new HttpFront({
      clock,
      log,
      version,
      api: {
        status,
        events: eventsPort(journal),
        control: this.#control,
        editAuth: () => config.config.editAuth,
        now: () => clock.monotonic(),
        wall: () => this.#media.clocks.utc(),
      },
      delivery: {
        group: this.#owners,
        reach: signOfLife(() => this.#group.client),
        windows: this.#media.windowPort,
        segments: this.#media.segmentPort,
        mpegts: this.#media.mpegtsPort,
      },
      peers: this.#createPeerService(),
    });
  }

  #createPeerMedia(): PeerMedia {
    const { clock } = this.#options;
    const { config } = this.#ground;
    const peers = (): ServerName[] => config.peers.filter((name) => !this.#owners.isDown(name));
    return new PeerMedia({ client: () => this.#group.client, clock, peers });
  }

  #createPeerService(): PeerService {
    const { windows, remoteWindows, captures } = this.#media;
    const own = serveWindows(windows, this.#options.clock, (...shown) => captures.shownElsewhere(...shown));
    return new PeerService({
      gate: () => this.#group.gate,
      handlers: {
        ...this.#group.exchange.handlers,
        [livePath]: relayWindows(own, remoteWindows),
        [eventsPath]: this.#sync.handler,
        [endsPath]: this.#ends.handler,
        [mediaPath]: () => Promise.resolve({ status: 200, body: this.#media.report() }),
      },
      onRefused: (why, from) => this.#warnQuietly('peer request refused', { why, from: from.slice(0, longestName) }),
    });
  }

  #onNotice(notice: ClusterNotice): void {
    this.#owners.serversChanged();
    this.#chronicle.notice(notice);
    this.#front.metrics.notice(notice);
  }

  #hasTakers(): boolean {
    return this.#owners.liveServers().some((name) => name !== this.#options.self.name);
  }

  /** Where the timeline of a stream of a dead server ended, as far as this server can know. */
  #endAtDead(stream: StreamName, server: ServerName): Ticks | undefined {
    const core: ClusterCore = this.#group.core;
    const view = core.servers(this.#options.clock.monotonic()).find(({ name }) => name === server);
    const segmentDuration = this.#ground.config.stream(stream)?.segmentDuration;
    if (view?.lastHeard === undefined || segmentDuration === undefined) return undefined;
    return lastPublishedEnd({
      segmentDuration,
      seen: this.#media.lastPublished(stream).end,
      ownerDiedAt: ticks((this.#media.clocks.utcAt(view.lastHeard) * 9) / 100),
    });
  }
}

function addressOf(config: RunningConfig, server: ServerName): string {
  const peer = config.server(server);
  if (peer === undefined) throw new AppError('stream-unavailable', 'the owner left the configuration');
  return `http://${peer.host}:${peer.port}`;
}
