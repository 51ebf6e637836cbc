import type { ClusterConfig } from '../../../src/cluster/step/cluster-config.ts';
import type { Event } from '../../../src/cluster/step/event.ts';
import { incarnation, type ServerName, type StreamName } from '../../../src/units/ids.ts';
import type { Ending } from '../observation.ts';
import type { World } from '../world.ts';
import type { HostClock } from './host-clock.ts';
import { SimProcess } from './sim-process.ts';

/** One machine of the group: its clock, its copy of the configuration file, and the process that runs, freezes or is gone. */
export class SimServer {
  readonly name: ServerName;
  readonly clock: HostClock;
  readonly #world: World;
  #config: ClusterConfig;
  #process: SimProcess | undefined;
  #lives = 0;
  #lagMs = 0;
  #steadySince = 0;
  #settledSince = Number.POSITIVE_INFINITY;
  #beganAt = 0;
  #draining = false;
  #leaving = false;
  readonly #namesSince = new Map<ServerName, number>();
  /** A fault that decides over its process is under way: one at a time. */
  occupied = false;

  constructor(world: World, name: ServerName, clock: HostClock, config: ClusterConfig) {
    this.#world = world;
    this.name = name;
    this.clock = clock;
    this.#config = config;
    this.#noteNames();
  }

  get process(): SimProcess | undefined {
    return this.#process;
  }

  get config(): ClusterConfig {
    return this.#config;
  }

  /** Since when its file names that server; it lets in no other. Infinite when it does not. */
  namesSince(server: ServerName): number {
    return this.#namesSince.get(server) ?? Number.POSITIVE_INFINITY;
  }

  get lagMs(): number {
    return this.#lagMs;
  }

  get running(): boolean {
    return this.#process?.running ?? false;
  }

  get draining(): boolean {
    return this.#draining;
  }

  get leaving(): boolean {
    return this.#leaving;
  }

  get beganAt(): number {
    return this.#beganAt;
  }

  /** Since when its process runs, neither frozen nor paused nor slow; infinite while it doesn't. */
  get steadySince(): number {
    return this.running && this.#lagMs === 0 ? this.#steadySince : Number.POSITIVE_INFINITY;
  }

  /** Since when this life has said that it is done booting; infinite before. */
  get settledSince(): number {
    return this.running ? this.#settledSince : Number.POSITIVE_INFINITY;
  }

  sourceTimeoutMs(stream: StreamName): number {
    return this.#config.streams.find((known) => known.name === stream)?.sourceTimeout ?? 10_000;
  }

  boot(): void {
    if (this.#process !== undefined) return;
    this.#lives += 1;
    const life = { incarnation: incarnation(this.#lives), config: this.#config };
    this.#process = new SimProcess(this.#world, this, life);
    this.#beganAt = this.#world.schedule.now;
    this.#steadySince = this.#beganAt;
    this.#settledSince = Number.POSITIVE_INFINITY;
    this.#draining = false;
    this.#leaving = false;
    this.#world.observe({ type: 'process-began', server: this.name });
    this.#process.begin();
  }

  /** kill -9. */
  kill(): void {
    this.#end('killed');
  }

  powerOff(): void {
    this.#end('power');
  }

  powerOn(): void {
    this.#world.network.powerOn(this.name);
    this.boot();
  }

  freeze(): void {
    if (!this.running) return;
    this.#world.observe({ type: 'frozen', server: this.name });
    this.#process?.freeze();
  }

  thaw(): void {
    if (this.#process?.frozen !== true) return;
    this.#steadySince = Math.max(this.#steadySince, this.#world.schedule.now);
    this.#world.observe({ type: 'thawed', server: this.name });
    this.#process.thaw();
  }

  /** Its event loop does nothing for a moment. */
  pause(span: number): void {
    this.#process?.pause(span);
    this.#steadySince = Math.max(this.#steadySince, this.#world.schedule.now + span);
  }

  /** From now on every event is handled up to `lagMs` late. */
  slow(lagMs: number): void {
    if (lagMs === 0) this.#steadySince = Math.max(this.#steadySince, this.#world.schedule.now);
    this.#lagMs = lagMs;
  }

  drain(): void {
    this.#draining = true;
    this.#tell({ type: 'drain' });
  }

  undrain(): void {
    this.#draining = false;
    this.#tell({ type: 'undrain' });
  }

  /** SIGTERM. */
  leave(): void {
    this.#leaving = true;
    this.#tell({ type: 'leave' });
  }

  /** The file changed and the process was told. One that is down reads it when it starts. */
  reload(config: ClusterConfig): void {
    this.#config = config;
    this.#noteNames();
    this.#tell({ type: 'config', config });
  }

  settled(): void {
    this.#settledSince = this.#world.schedule.now;
  }

  left(): void {
    this.#end('left');
  }

  reincarnate(): void {
    this.#end('stood-still');
    this.boot();
  }

  #end(how: Ending): void {
    const process = this.#process;
    if (process === undefined) return;
    this.#process = undefined;
    process.end(how === 'power' ? 'silent' : 'reset');
    this.#world.observe({ type: 'process-ended', server: this.name, how });
  }

  #tell(event: Extract<Event, { type: 'drain' | 'undrain' | 'leave' | 'config' }>): void {
    const process = this.#process;
    if (process === undefined) return;
    this.#world.observe({ type: event.type, server: this.name });
    process.run(() => process.step(event));
  }

  #noteNames(): void {
    const named = new Set(this.#config.servers.map((server) => server.name));
    for (const name of this.#namesSince.keys()) if (!named.has(name)) this.#namesSince.delete(name);
    for (const name of named) if (!this.#namesSince.has(name)) this.#namesSince.set(name, this.#world.schedule.now);
  }
}
