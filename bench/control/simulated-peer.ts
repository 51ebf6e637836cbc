import { lookup } from 'node:dns';
import type { FastifyInstance } from 'fastify';
import { nodeHmac } from '../../src/adapters/hmac.ts';
import { createApp } from '../../src/adapters/http/app.ts';
import { createPeerHttp } from '../../src/adapters/peer/peer-http.ts';
import { registerPeerRoutes } from '../../src/adapters/peer/peer-routes.ts';
import { randomNumber } from '../../src/adapters/random.ts';
import { shortSha256 } from '../../src/adapters/sha256.ts';
import { createClusterCore } from '../../src/cluster/cluster-core.ts';
import type { CaptureFact } from '../../src/cluster/step/event.ts';
import type { StreamView } from '../../src/cluster/step/view.ts';
import type { Config, PeerConfig } from '../../src/config/model/config.ts';
import { RunningConfig } from '../../src/config/running/running-config.ts';
import { endsHandlers } from '../../src/events/ends/ends-service.ts';
import { eventsPath } from '../../src/events/journal/event-sync.ts';
import { Group } from '../../src/group/group.ts';
import { PeerService } from '../../src/group/peer-service.ts';
import { ClockKeeper } from '../../src/server/media/clock-keeper.ts';
import { mediaPath } from '../../src/server/peers/peer-media.ts';
import { livePath } from '../../src/server/peers/remote-windows.ts';
import type { Clock } from '../../src/units/clock.ts';
import { incarnation, type StreamName } from '../../src/units/ids.ts';
import { after, millis } from '../../src/units/time.ts';
import { silentLog } from '../../test/support/silent-log.ts';

/** What a camera on a local network takes to send its first frame. */
const connectTime = millis(50);
/** As a server without new events holds a request for them. */
const eventsHold = millis(25_000);

interface Effect {
  readonly stream: StreamName;
  readonly attempt: number;
}

/** A server whose core, trust and exchange are the real ones, over real HTTP, and whose captures are pretended. */
export class SimulatedPeer {
  readonly self: PeerConfig;
  readonly #clock: Clock;
  readonly #http: ReturnType<typeof createPeerHttp>;
  readonly #clocks: ClockKeeper;
  readonly #running: RunningConfig;
  readonly #group: Group;
  readonly #captures = new Map<StreamName, number>();
  #app: FastifyInstance | undefined;

  constructor(self: PeerConfig, config: Config, clock: Clock) {
    this.self = self;
    this.#clock = clock;
    this.#http = createPeerHttp(clock, lookup);
    this.#clocks = new ClockKeeper({
      clock,
      version: 'bench',
      captured: () => (this.#captures.size > 0 ? 'group' : 'nothing'),
      tellWorkers: () => undefined,
      onSkew: () => undefined,
      onGroupAhead: () => undefined,
    });
    this.#running = new RunningConfig({ self, config, diagnostics: [], loadedAt: clock.wall(), hash: shortSha256 });
    this.#group = this.#createGroup(this.#running);
  }

  async listen(): Promise<void> {
    this.#app = createApp(silentLog);
    const service = new PeerService({
      gate: () => this.#group.gate,
      handlers: {
        ...this.#group.exchange.handlers,
        [eventsPath]: async ({ gone }) => {
          await this.#clock.sleep(eventsHold, gone).catch(() => undefined);
          return { status: 200, body: { events: [] } };
        },
        [mediaPath]: async () => ({ status: 200, body: {} }),
        // Tells some end of each stream, as one that has had it, and knows nothing of what others had.
        ...endsHandlers({
          own: () => 1,
          past: () => undefined,
          seen: () => undefined,
          kept: () => undefined,
          report: () => undefined,
        }),
        [livePath]: async () => ({ status: 404, body: {} }),
      },
      onRefused: () => undefined,
    });
    registerPeerRoutes(this.#app, service);
    await this.#app.listen({ host: '127.0.0.1', port: this.self.port });
  }

  begin(): void {
    this.#group.begin();
  }

  /** As a reload does. */
  reconfigure(config: Config): void {
    this.#running.replace(config, this.#clock.wall());
    this.#group.reconfigure();
  }

  /** How many servers it sees alive and booted, itself among them. */
  get alive(): number {
    const servers = this.#group.core.servers(this.#clock.monotonic());
    return servers.filter(({ state }) => state === 'alive').length;
  }

  streams(): readonly StreamView[] {
    return this.#group.core.streams();
  }

  /** The source of one of its captures goes silent. False when it has none. */
  loseSource(): boolean {
    const [first] = this.#captures;
    if (first === undefined) return false;
    const [stream, attempt] = first;
    this.#captures.delete(stream);
    this.#tell({ stream, attempt }, { kind: 'stalled', error: 'the bench wants it so' });
    return true;
  }

  /** As when the process is killed: its connections break, its port refuses. */
  async kill(): Promise<void> {
    this.#captures.clear();
    this.#group.close();
    this.#clocks.close();
    this.#http.close();
    await this.#app?.close();
  }

  #createGroup(config: RunningConfig): Group {
    const clock = this.#clock;
    const life = incarnation(1);
    return new Group(
      {
        self: this.self.name,
        clock,
        hmac: nodeHmac,
        http: this.#http,
        createCore: createClusterCore,
        random: randomNumber,
        config: () => config.cluster,
        clusterKey: () => config.config.clusterKey,
        address: (peer) => config.server(peer),
        nextIncarnation: async () => life,
        captures: {
          start: (effect) => this.#start({ ...effect, successor: effect.from !== undefined }),
          stop: (effect) => this.#stop(effect),
          dropAll: () => this.#captures.clear(),
        },
        clocks: {
          now: () => clock.monotonic(),
          reading: (receivedAt) => this.#clocks.reading(receivedAt),
          heard: (peer, reading, sent, answered) => this.#clocks.heard(peer, reading, sent, answered),
        },
        ownersChanged: () => undefined,
        notice: ({ kind }) => {
          if (kind === 'stood-still') process.stderr.write(`${this.self.name} stood still\n`);
        },
        left: () => undefined,
        onRejected: () => undefined,
        onFatal: (error) => {
          throw error;
        },
      },
      life,
    );
  }

  #start(effect: Effect & { readonly successor: boolean }): void {
    this.#captures.set(effect.stream, effect.attempt);
    this.#clock.setTimer(after(this.#clock.monotonic(), connectTime), () => {
      if (this.#captures.get(effect.stream) !== effect.attempt) return;
      this.#tell(effect, { kind: 'frames' });
      if (effect.successor) this.#tell(effect, { kind: 'ready' });
    });
  }

  #stop(effect: Effect): void {
    if (this.#captures.get(effect.stream) === effect.attempt) this.#captures.delete(effect.stream);
    this.#tell(effect, { kind: 'stopped' });
  }

  #tell({ stream, attempt }: Effect, fact: CaptureFact): void {
    this.#group.post({ type: 'capture', stream, attempt, fact });
  }
}
