import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type StreamJson, serversSchema, streamsSchema } from '../../src/api/schema.ts';
import { freePorts } from '../../src/demo/ports.ts';
import { until } from '../../test/e2e/harness.ts';
import { Farm } from '../harness/farm.ts';
import { ownFolder } from '../harness/own.ts';
import { MeasuredServer } from '../harness/server.ts';

export interface BenchGroupOptions {
  readonly names: readonly string[];
  /** As the farm takes them. */
  readonly cameras: readonly string[];
  /** Seconds. */
  readonly staleTimeout: number;
}

/** Cameras and a group of servers, all of them real processes on loopback. */
export class BenchGroup {
  readonly farm: Farm;
  readonly #configFile: string;
  readonly #ports: ReadonlyMap<string, number>;
  readonly #servers = new Map<string, MeasuredServer>();

  private constructor(farm: Farm, configFile: string, ports: ReadonlyMap<string, number>) {
    this.farm = farm;
    this.#configFile = configFile;
    this.#ports = ports;
  }

  static async start({ names, cameras, staleTimeout }: BenchGroupOptions): Promise<BenchGroup> {
    const farm = await Farm.start(cameras);
    const ports = await freePorts(names.map(() => 0));
    const folder = ownFolder();
    const text = [
      'cluster_key of-the-bench;',
      `state_dir "${folder}/\${name}";`,
      'failback_delay 1s;',
      ...names.map(
        (name, i) => `peer ${name} { address 127.0.0.1:${ports[i]}; fetch_timeout 1; stale_timeout ${staleTimeout}; }`,
      ),
      ...Object.entries(farm.urls).map(([stream, url]) => `stream ${stream} { url ${url}; cluster_ingest; }`),
      '',
    ];
    const configFile = join(folder, 'headwater.conf');
    writeFileSync(configFile, text.join('\n'));
    const group = new BenchGroup(farm, configFile, new Map(names.map((name, i) => [name, ports[i] ?? 0])));
    for (const name of names) group.startServer(name);
    return group;
  }

  startServer(name: string): void {
    const server = new MeasuredServer({ name, port: this.#ports.get(name) ?? 0, configFile: this.#configFile });
    this.#servers.set(name, server);
  }

  server(name: string): MeasuredServer {
    const server = this.#servers.get(name);
    if (server === undefined) throw new Error(`no server ${name}`);
    return server;
  }

  /** Another one than this. */
  witness(of: string): MeasuredServer {
    const name = [...this.#servers.keys()].find((one) => one !== of);
    return this.server(name ?? of);
  }

  async streamsOf(home: string): Promise<readonly string[]> {
    return (await streamsAt(this.witness(home))).filter((stream) => stream.home === home).map(({ name }) => name);
  }

  /** Until all servers see each other alive and every stream run at its home. */
  async settled(): Promise<void> {
    for (const [name, server] of this.#servers) {
      await until(
        `${name} to see all at home`,
        async () => {
          const { servers } = serversSchema.parse(JSON.parse(await server.get('/api/v1/servers')));
          const streams = await streamsAt(server);
          const alive = servers.every(({ state }) => state === 'alive');
          return alive && streams.every((one) => one.state === 'running' && one.capturedBy === one.home);
        },
        60_000,
      );
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#servers.values()].map((server) => server.close()));
    await this.farm.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** What a server tells of the group's streams. */
export async function streamsAt(server: MeasuredServer): Promise<readonly StreamJson[]> {
  return streamsSchema.parse(JSON.parse(await server.get('/api/v1/streams'))).streams;
}
