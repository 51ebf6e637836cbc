import type { ServerName, StreamName } from '../../src/units/ids.ts';
import { Configuration } from './configuration.ts';
import { Camera } from './media/camera.ts';
import { SimNetwork } from './network/sim-network.ts';
import type { Observation } from './observation.ts';
import type { WorldOptions } from './options.ts';
import { Random } from './random.ts';
import { Schedule } from './schedule.ts';
import { HostClock } from './server/host-clock.ts';
import type { CreateCore } from './server/sim-process.ts';
import { SimServer } from './server/sim-server.ts';
import { Trace } from './trace.ts';

/** Machines, network, cameras and the operator's file: all there is, and the truth about it, which no server knows. */
export class World {
  readonly options: WorldOptions;
  readonly createCore: CreateCore;
  readonly random: Random;
  readonly schedule = new Schedule();
  readonly trace: Trace;
  readonly configuration: Configuration;
  readonly network: SimNetwork;
  readonly servers: readonly SimServer[];
  readonly #cameras = new Map<StreamName, Camera>();
  readonly #mislabelled = new Map<StreamName, 'stays' | 'hopeless'>();
  readonly #byName = new Map<ServerName, SimServer>();
  readonly #flowing = new Map<StreamName, Set<ServerName>>();
  readonly #observers: ((observation: Observation) => void)[] = [];
  #configChangedAt = 0;
  #disturbedAt = 0;
  #disturbances = 0;
  #restless = 0;

  constructor(options: WorldOptions, createCore: CreateCore, print?: (line: string) => void) {
    this.options = options;
    this.createCore = createCore;
    this.random = new Random(`${options.seed}`);
    this.trace = new Trace(() => this.schedule.now, print);
    this.configuration = new Configuration(options, this.random.fork('configuration'));
    const { machines } = this.configuration;
    this.network = new SimNetwork(this.schedule, options.network, this.random.fork('network'), machines);
    const config = this.configuration.current();
    const clocks = this.random.fork('clocks');
    this.servers = machines.map((name) => {
      const rate = 1 + clocks.between(-options.drift, options.drift);
      const server = new SimServer(this, name, new HostClock(this.schedule, clocks.between(0, 1e9), rate), config);
      this.#byName.set(name, server);
      return server;
    });
    this.#placeCameras();
  }

  server(name: ServerName): SimServer {
    const server = this.#byName.get(name);
    if (server === undefined) throw new Error(`there is no ${name}`);
    return server;
  }

  camera(stream: StreamName): Camera {
    const camera = this.#cameras.get(stream);
    if (camera === undefined) throw new Error(`there is no camera for ${stream}`);
    return camera;
  }

  /**
   * A camera with one connection whose stream is called seamless can't be handed over: its home tries now and then, in vain.
   * `hopeless`: every new client pushes out the old one as well, so that nobody can hold it still.
   */
  isMislabelled(stream: StreamName): 'no' | 'stays' | 'hopeless' {
    return this.#mislabelled.get(stream) ?? 'no';
  }

  cameras(): Camera[] {
    return [...this.#cameras.values()];
  }

  /** The streams of the operator's file. */
  streams(): StreamName[] {
    return this.configuration.current().streams.map((stream) => stream.name);
  }

  /** The servers of the operator's file. */
  members(): SimServer[] {
    return this.configuration.current().servers.map((server) => this.server(server.name));
  }

  /** Who captures a stream with frames at this moment. */
  capturers(stream: StreamName): ReadonlySet<ServerName> {
    return this.#flowing.get(stream) ?? none;
  }

  /** Running servers that capture the stream or try to. */
  attempters(stream: StreamName): SimServer[] {
    return this.servers.filter((s) => s.running && s.process?.media.input(stream) !== undefined);
  }

  /** When something last went wrong, or right again, anywhere. */
  get disturbedAt(): number {
    return this.#disturbedAt;
  }

  /** How often that happened so far. */
  get disturbances(): number {
    return this.#disturbances;
  }

  disturb(): void {
    this.#disturbedAt = this.schedule.now;
    this.#disturbances += 1;
  }

  /** How many captures were begun or ended so far. */
  get restless(): number {
    return this.#restless;
  }

  get configChangedAt(): number {
    return this.#configChangedAt;
  }

  configChanged(): void {
    this.disturb();
    this.#configChangedAt = this.schedule.now;
  }

  /** All members run with the operator's file. */
  configsAgree(): boolean {
    const { digest } = this.configuration.current();
    return this.servers.every((server) => server.process === undefined || server.config.digest === digest);
  }

  adoptable(stream: StreamName, from: ServerName, to: ServerName): boolean {
    const whole = !this.network.link(from, to).blocked && !this.network.link(to, from).blocked;
    return whole && this.capturers(stream).has(from);
  }

  flow(server: ServerName, stream: StreamName, flows: boolean): void {
    let flowing = this.#flowing.get(stream);
    if (flowing === undefined) {
      flowing = new Set();
      this.#flowing.set(stream, flowing);
    }
    if (flows) flowing.add(server);
    else flowing.delete(server);
    this.trace.say(flows ? '  frames flow' : '  frames end', server, stream);
    this.observe({ type: 'flow', server, stream, flows });
  }

  watch(observer: (observation: Observation) => void): void {
    this.#observers.push(observer);
  }

  observe(observation: Observation): void {
    if (observation.type === 'notice' && observation.notice.kind === 'settled')
      this.server(observation.server).settled();
    const moving = observation.type === 'start' || observation.type === 'stop';
    if (moving && this.isMislabelled(observation.stream) === 'no') this.#restless += 1;
    if (disturbing.has(observation.type)) this.disturb();
    for (const observer of this.#observers) observer(observation);
  }

  #placeCameras(): void {
    const { options } = this;
    const random = this.random.fork('cameras');
    const refresh = (camera: Camera): void => {
      for (const server of this.servers) server.process?.media.refresh(camera.stream);
    };
    for (const { name, handover } of this.configuration.everyStream) {
      const single = handover === 'break' || random.chance(options.mislabelled);
      const camera = {
        stream: name,
        limit: single ? 1 : 4,
        whenFull: random.pick(['refuse', 'drop-first'] as const),
        firstFrameMs: options.firstFrameMs,
        holdMs: options.cameraHoldMs,
      };
      if (single && handover === 'seamless') {
        this.#mislabelled.set(name, camera.whenFull === 'refuse' ? 'stays' : 'hopeless');
      }
      this.#cameras.set(name, new Camera(this.schedule, camera, refresh));
    }
  }
}

const disturbing: ReadonlySet<Observation['type']> = new Set([
  'process-began',
  'process-ended',
  'frozen',
  'thawed',
  'drain',
  'undrain',
  'leave',
  'config',
]);

const none: ReadonlySet<ServerName> = new Set();
