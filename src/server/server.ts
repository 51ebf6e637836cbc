import { nodeHmac } from '../adapters/hmac.ts';
import { openJournalFiles } from '../adapters/journal-files.ts';
import { createPeerHttp } from '../adapters/peer-http.ts';
import { openRemoteMpegts } from '../adapters/remote-mpegts.ts';
import { shortSha256 } from '../adapters/sha256.ts';
import { openStateDir, type StateDir } from '../adapters/state-dir.ts';
import type { ApiPorts } from '../api/ports.ts';
import type { ClusterCore, ClusterCoreOptions } from '../cluster/core.ts';
import type { ClusterNotice } from '../cluster/event.ts';
import type { Config, PeerConfig } from '../config/config.ts';
import { fillName } from '../config/fill-name.ts';
import type { LoadedConfig } from '../config/load.ts';
import { listenAddress } from '../config/self.ts';
import { Chronicle } from '../events/chronicle.ts';
import { EventSync, eventsPath } from '../events/event-sync.ts';
import { Journal } from '../events/journal.ts';
import { Group } from '../group/group.ts';
import { PeerService } from '../group/peer-service.ts';
import { AppError } from '../units/app-error.ts';
import type { Clock } from '../units/clock.ts';
import type { ServerName, StreamName } from '../units/ids.ts';
import type { Log } from '../units/log.ts';
import { Scope } from '../units/scope.ts';
import { type Ticks, ticks } from '../units/ticks.ts';
import { millis } from '../units/time.ts';
import { Control } from './control.ts';
import { eventsPort } from './events-port.ts';
import { HttpFront } from './http-front.ts';
import { lastPublishedEnd } from './last-end.ts';
import { LocalCaptures } from './local-captures.ts';
import { MediaSide, type OpenPool } from './media-side.ts';
import { Owners } from './owners.ts';
import { mediaPath, PeerMedia } from './peer-media.ts';
import { refusalLog } from './refusal-log.ts';
import { Reload } from './reload.ts';
import { livePath, serveWindows } from './remote-windows.ts';
import { RunningConfig } from './running-config.ts';
import { Status } from './status.ts';

export interface ServerOptions {
  readonly config: Config;
  readonly diagnostics: LoadedConfig['diagnostics'];
  readonly self: PeerConfig;
  /** Reads the file again, for a reload. */
  readonly load: () => Promise<LoadedConfig>;
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly createCore: (options: ClusterCoreOptions) => ClusterCore;
  /** `folder` is the server's own, absolute. */
  readonly openPool: (folder: string) => OpenPool;
  /** The process can't go on; it should log and exit. */
  readonly onFatal: (error: unknown) => void;
}

/** A running server. */
export interface Server {
  /** Reads the configuration again; a bad file leaves the running one in force. */
  reload(): Promise<unknown>;
  /** Gives its streams away and says goodbye; resolves when the process may exit. */
  leave(): Promise<void>;
  /** Closes everything at once, without a word to the peers. */
  close(): Promise<void>;
}

/** Starts a server. Rejects with an `AppError` when its folder or its port can't be had, and has closed all again then. */
export async function openServer(options: ServerOptions): Promise<Server> {
  const scope = new Scope();
  try {
    return await compose(options, scope);
  } catch (error) {
    await scope.close();
    throw error;
  }
}

async function compose(options: ServerOptions, scope: Scope): Promise<Server> {
  const { clock, log, version, self } = options;
  const config = new RunningConfig({
    self,
    config: options.config,
    diagnostics: options.diagnostics,
    loadedAt: clock.wall(),
    hash: shortSha256,
  });
  const state = await openStateDir(fillName(options.config.stateDir, self.name));
  scope.defer(() => state.release());
  const journal = await openJournal(state, options);
  scope.defer(() => journal.flushed());
  const http = createPeerHttp(clock);
  scope.defer(() => http.close());

  const lastErrors = new Map<StreamName, string>();
  let hasLeft: () => void = () => {};
  const media: MediaSide = await MediaSide.open({
    clock,
    version,
    config,
    client: () => group.client,
    openPool: options.openPool(state.path),
    openRemoteMpegts: ({ owner, ...request }) => openRemoteMpegts(addressUrl(config, owner), request),
    fact: (stream, attempt, fact) => group.post({ type: 'capture', stream, attempt, fact }),
    onSegment: (stream, start) => chronicle.segment(stream, start),
    onCaptureChange: (stream) => {
      chronicle.captureChanged(stream);
      control.captureEnded();
    },
    isDown: (name) => owners.isDown(name),
    onFollowError: options.onFatal,
  });
  scope.defer(() => media.close());
  const { captures, clocks } = media;

  const group: Group = await Group.open({
    self: self.name,
    clock,
    hmac: nodeHmac,
    http,
    createCore: options.createCore,
    random: options.random,
    config: () => config.cluster,
    clusterKey: () => config.config.clusterKey,
    address: (peer) => config.server(peer),
    nextIncarnation: () => state.nextIncarnation(clock.wall() / 1000),
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
    ownersChanged: (streams) => owners.changed(streams),
    notice: (notice) => onNotice(notice),
    left: () => hasLeft(),
    onStoodStill: () => chronicle.write({ kind: 'stood-still', message: `${self.name} stood still and begins anew` }),
    onFatal: options.onFatal,
  });
  scope.defer(() => group.close());

  const core = (): ClusterCore => group.core;
  const chronicle = new Chronicle({
    self: self.name,
    clock,
    utc: () => clocks.utc(),
    incarnation: () => group.incarnation,
    journal,
    log,
    lastEnd: (stream, owner) =>
      lastPublishedEnd({
        segmentDuration: config.stream(stream)?.segmentDuration ?? millis(0),
        seen: media.lastPublished(stream).end,
        ownerDiedAt: diedAt(core(), owner, media, clock),
      }),
  });
  scope.defer(() => chronicle.close());
  const owners = new Owners(config, core, clock);
  const onNotice = (notice: ClusterNotice): void => {
    if (notice.kind === 'source-lost') lastErrors.set(notice.stream, notice.error);
    chronicle.notice(notice);
    front.metrics.notice(notice);
  };

  const peerMedia = new PeerMedia({
    client: () => group.client,
    clock,
    peers: () => owners.liveServers().filter((name) => name !== self.name),
  });
  scope.defer(() => peerMedia.close());
  const sync = new EventSync({ self: self.name, journal, clock, utc: () => clocks.utc(), client: () => group.client });
  scope.defer(() => sync.close());
  const local = new LocalCaptures(captures);
  const reload = new Reload({
    config,
    load: options.load,
    utc: () => clocks.utc(),
    write: (told) => chronicle.write(told),
    log,
    apply: {
      group() {
        group.reconfigure();
        sync.follow(config.peers);
      },
      restartInput: (stream) => captures.restart(stream),
      local: () => local.follow(config.config.streams),
      ownersChanged: (streams) => owners.changed(streams),
    },
  });
  const control = new Control({
    clock,
    captures,
    reload,
    post: (event) => group.post(event),
    hasTakers: () => owners.liveServers().some((name) => name !== self.name),
  });
  const status = new Status({
    clock,
    version,
    config,
    core,
    captures,
    board: media.board,
    peerMedia,
    clocks,
    lastError: (stream) => lastErrors.get(stream),
  });
  const api: ApiPorts = {
    status,
    events: eventsPort(journal),
    control,
    editAuth: () => config.config.editAuth,
    now: () => clock.monotonic(),
    wall: () => clocks.utc(),
  };
  const peers = new PeerService({
    gate: () => group.gate,
    handlers: {
      ...group.exchange.handlers,
      [livePath]: serveWindows(media.windows, clock),
      [eventsPath]: sync.handler,
      [mediaPath]: () => Promise.resolve({ status: 200, body: media.report() }),
    },
    onRefused: refusalLog(log, clock),
  });
  const front = new HttpFront({
    clock,
    log,
    version,
    api,
    delivery: {
      group: owners,
      windows: media.windowPort,
      segments: media.segmentPort,
      mpegts: media.mpegtsPort,
    },
    peers,
  });
  await front.listen(listenAddress(options.config, self));
  scope.defer(() => front.close());

  sync.follow(config.peers);
  local.follow(config.config.streams);
  group.begin();

  return {
    reload: () => reload.run(),
    leave: () =>
      new Promise((resolve) => {
        hasLeft = resolve;
        group.post({ type: 'leave' });
      }),
    close: () => scope.close(),
  };
}

async function openJournal(state: StateDir, { clock, log }: ServerOptions): Promise<Journal> {
  const files = await openJournalFiles(`${state.path}/events`);
  return Journal.open(files, clock.wall(), (error) =>
    log.error('the journal of events fails', { error: String(error) }),
  );
}

function addressUrl(config: RunningConfig, server: ServerName): string {
  const peer = config.server(server);
  if (peer === undefined) throw new AppError('stream-unavailable', 'the owner left the configuration');
  return `http://${peer.host}:${peer.port}`;
}

/** When a dead owner was last heard, in 90 kHz of the group's UTC. */
function diedAt(core: ClusterCore, owner: ServerName | undefined, media: MediaSide, clock: Clock): Ticks | undefined {
  const view = core.servers(clock.monotonic()).find((server) => server.name === owner);
  if (view?.state !== 'dead' || view.lastHeard === undefined) return undefined;
  return ticks((media.clocks.utcAt(view.lastHeard) * 9) / 100);
}
