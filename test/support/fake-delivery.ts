import type { ArchivePort } from '../../src/delivery/ports/archive-port.ts';
import type {
  DeliveryPorts,
  MpegtsChunk,
  RemoteMpegtsRequest,
  RemoteWindowRequest,
} from '../../src/delivery/ports/ports.ts';
import type { SegmentLocation } from '../../src/facts/protocol.ts';
import type { LiveSegment, LiveWindow } from '../../src/hls/live-window.ts';
import { AppError } from '../../src/units/app-error.ts';
import { type ServerName, type StreamName, serverName, streamName } from '../../src/units/ids.ts';
import { ticks } from '../../src/units/ticks.ts';
import { millis } from '../../src/units/time.ts';

export const cam: StreamName = streamName('site/cam01');
export const [s01, s02, s03] = ['s01', 's02', 's03'].map(serverName) as [ServerName, ServerName, ServerName];

/** A list of consecutive segments `first..last`, all held by one server unless `holders` says otherwise. */
export function windowOf(
  first: number,
  last: number,
  holder: ServerName,
  holders: Readonly<Record<number, ServerName>> = {},
): LiveWindow {
  const segments: LiveSegment[] = [];
  for (let number = first; number <= last; number++) {
    segments.push({
      number,
      start: ticks(number * 180_000),
      duration: ticks(180_000),
      keyframeHash: `hash${number}`,
      init: 'abc',
      bytes: 1_000_000,
      holder: holders[number] ?? holder,
    });
  }
  const init = {
    id: 'abc',
    data: Buffer.from('ftypmoov').toString('base64'),
    codecs: 'avc1.64001f',
    resolution: undefined,
    frameRate: 25,
  };
  return {
    revision: last,
    targetDuration: 4,
    segments,
    inits: [init],
    bandwidth: { peak: 4_000_000, average: 4_000_000 },
  };
}

/** One server's surroundings, as a test sets them; every setter tells those who listen. */
export class FakeSurroundings implements DeliveryPorts {
  readonly self: ServerName;
  readonly locations = new Map<number, SegmentLocation>();
  readonly down = new Set<ServerName>();
  /** Frozen, or without power: shows no sign of life to anybody. */
  readonly silent = new Set<ServerName>();
  /** Behind a firewall: this server hears nothing of it, the others do. */
  readonly cutOff = new Set<ServerName>();
  /** What the owner would answer; absent: its link is broken. */
  readonly remote = new Map<ServerName, LiveWindow>();
  readonly polls: RemoteWindowRequest[] = [];
  readonly relays: RemoteMpegtsRequest[] = [];
  remoteMpegts: (request: RemoteMpegtsRequest) => Promise<AsyncIterable<Uint8Array>> = () =>
    Promise.reject(new AppError('stream-unavailable', 'no remote'));
  minority = false;
  live: ServerName[] = [s01, s02, s03];
  mpegtsDemand = 0;
  #owner: ServerName | undefined;
  #local: LiveWindow | undefined;
  readonly #ownerListeners = new Set<() => void>();
  readonly #localListeners = new Set<() => void>();
  readonly #pollWakers = new Set<() => void>();
  readonly #chunkListeners = new Set<(chunk: MpegtsChunk) => void>();

  constructor(self: ServerName) {
    this.self = self;
  }

  setOwner(owner: ServerName | undefined): void {
    this.#owner = owner;
    for (const listener of this.#ownerListeners) listener();
  }

  setLocal(window: LiveWindow | undefined): void {
    this.#local = window;
    for (const listener of this.#localListeners) listener();
  }

  setRemote(owner: ServerName, window: LiveWindow | undefined): void {
    if (window === undefined) this.remote.delete(owner);
    else this.remote.set(owner, window);
    for (const wake of this.#pollWakers) wake();
  }

  chunk(chunk: MpegtsChunk): void {
    for (const listener of this.#chunkListeners) listener(chunk);
  }

  readonly group = {
    self: serverName(''),
    isConfigured: (stream: StreamName) => stream === cam,
    streams: () => [cam],
    owner: () => this.#owner,
    onOwnerChange: (_stream: StreamName, changed: () => void) => subscribe(this.#ownerListeners, changed),
    publicUrl: (server: ServerName) => `http://${server}.example:8080`,
    sourceTimeout: () => millis(10_000),
    isMinority: () => this.minority,
    liveServers: () => this.live,
    isDown: (server: ServerName) => this.down.has(server),
  };

  readonly reach = {
    answers: (server: ServerName, by?: ServerName) =>
      Promise.resolve(this.#reaches(server, by) && !this.silent.has(server)),
  };

  readonly windows = {
    localWindow: () => this.#local,
    onLocalWindow: (_stream: StreamName, changed: () => void) => subscribe(this.#localListeners, changed),
    remoteWindow: (request: RemoteWindowRequest) => this.#poll(request),
  };

  readonly segments = {
    location: (_stream: StreamName, segment: number) => this.locations.get(segment),
  };

  /** Nothing is recorded. */
  readonly archive: ArchivePort = {
    playlist: async () => undefined,
    init: () => Promise.reject(new AppError('segment-gone', 'nothing is recorded')),
    segment: () => Promise.reject(new AppError('segment-gone', 'nothing is recorded')),
  };

  readonly mpegts = {
    subscribe: (_stream: StreamName, listener: (chunk: MpegtsChunk) => void) => {
      this.mpegtsDemand += 1;
      const unsubscribe = subscribe(this.#chunkListeners, listener);
      return () => {
        if (this.#chunkListeners.has(listener)) this.mpegtsDemand -= 1;
        unsubscribe();
      };
    },
    openRemote: (request: RemoteMpegtsRequest) => {
      this.relays.push(request);
      return this.remoteMpegts(request);
    },
  };

  #reaches(server: ServerName, by: ServerName | undefined): boolean {
    return by === undefined ? !this.cutOff.has(server) : !this.cutOff.has(by) && !this.silent.has(by);
  }

  async #poll(request: RemoteWindowRequest): Promise<LiveWindow | undefined> {
    this.polls.push(request);
    for (;;) {
      if (request.signal.aborted) throw new Error('aborted');
      if (!this.#reaches(request.owner, request.by)) throw new AppError('stream-unavailable', 'the way is blocked');
      const window = this.remote.get(request.owner);
      if (window === undefined) throw new AppError('stream-unavailable', 'the peer is out of reach');
      if (window.revision !== request.afterRevision) return window;
      await new Promise<void>((resolve) => {
        this.#pollWakers.add(resolve);
        request.signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }
}

export function surroundings(self: ServerName): FakeSurroundings {
  const made = new FakeSurroundings(self);
  made.group.self = self;
  return made;
}

function subscribe<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
