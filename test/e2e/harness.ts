import { randomInt } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { systemClock } from '../../src/adapters/clock.ts';
import { freePorts } from '../../src/demo/ports.ts';
import { millis } from '../../src/units/time.ts';
import { hangs } from '../support/hangs.ts';
import { FarmProcess } from './farm-process.ts';
import { program, ServerProcess } from './server-process.ts';

/** Between two looks at what has no event of its own. */
const lookEvery = millis(50);

export interface GroupOptions {
  readonly servers: number;
  /** As the farm takes them: `NAME=http:CLIP`. */
  readonly cameras: readonly string[];
  /** What stands behind `cluster_ingest` of a stream; `false` for one that every server captures for itself. */
  readonly ingest?: Readonly<Record<string, string | false>>;
  /** What stands in every peer's block behind its address. */
  readonly peer?: string;
  /** What stands in every stream's block behind `cluster_ingest`. */
  readonly stream?: string;
  /** More lines for the top of the file. */
  readonly settings?: string;
  /** What a server's file says instead of the text that all share. */
  readonly textFor?: (server: string, text: string, ports: ReadonlyMap<string, number>) => Promise<string>;
}

/** A camera farm and a group of servers on free loopback ports, in a folder of their own. Closes all that it started. */
export class TestGroup {
  readonly farm: FarmProcess;
  readonly configFile: string;
  readonly #folder: string;
  readonly #ports: ReadonlyMap<string, number>;
  readonly #servers = new Map<string, ServerProcess>();

  private constructor(farm: FarmProcess, folder: string, ports: ReadonlyMap<string, number>) {
    this.farm = farm;
    this.#folder = folder;
    this.#ports = ports;
    this.configFile = join(folder, 'headwater.conf');
  }

  /** Starts the cameras and all servers. */
  static async start(options: GroupOptions): Promise<TestGroup> {
    const farm = await FarmProcess.start(options.cameras);
    const folder = await mkdtemp(join(tmpdir(), 'headwater-e2e-'));
    const ports = await freePorts(Array.from({ length: options.servers }, portOfOwn));
    const group = new TestGroup(farm, folder, new Map(ports.map((port, i) => [`s${i + 1}`, port])));
    const text = group.configText(options);
    await writeFile(group.configFile, text);
    for (const name of group.#ports.keys()) {
      const own = options.textFor && join(folder, `${name}.conf`);
      if (own !== undefined) await writeFile(own, (await options.textFor?.(name, text, group.#ports)) ?? text);
      group.startServer(name, own);
    }
    return group;
  }

  /** The configuration as an operator would write it. */
  configText({
    settings = '',
    peer = '',
    stream = '',
    ingest = {},
  }: Omit<GroupOptions, 'servers' | 'cameras' | 'textFor'>): string {
    const peers = [...this.#ports].map(([name, port]) => `peer ${name} { address 127.0.0.1:${port}; ${peer} }`);
    const streams = Object.entries(this.farm.urls).map(([name, url]) => {
      const given = ingest[name] ?? '';
      return `stream ${name} { url ${url}; ${given === false ? '' : `cluster_ingest ${given};`} ${stream} }`;
    });
    const state = `state_dir "${this.#folder}/\${name}";`;
    return ['cluster_key test-of-the-group;', state, settings, ...peers, ...streams, ''].join('\n');
  }

  startServer(name: string, configFile = this.configFile): ServerProcess {
    const port = this.#ports.get(name);
    if (port === undefined) throw new Error(`no server ${name}`);
    const server = new ServerProcess(name, port, configFile);
    this.#servers.set(name, server);
    return server;
  }

  server(name: string): ServerProcess {
    const server = this.#servers.get(name);
    if (server === undefined) throw new Error(`no server ${name}`);
    return server;
  }

  others(name: string): ServerProcess[] {
    return [...this.#servers.values()].filter((server) => server.name !== name);
  }

  /** Until every server of these sees every stream running where `where` says (its home by default). */
  async settled(servers = [...this.#servers.values()], where?: (stream: string) => string): Promise<void> {
    for (const server of servers) {
      await until(`${server.name} to see all streams run at their place`, async () => {
        const astray = (await server.streams()).filter(
          (s) => s.state !== 'running' || s.capturedBy !== (where?.(s.name) ?? s.home),
        );
        if (astray.length === 0) return true;
        throw new Error(astray.map((s) => `${s.name} of ${s.home}: ${s.state} at ${s.capturedBy}`).join(', '));
      });
    }
  }

  /** Runs the program as an operator would; what it says on both outputs. */
  async cli(...args: string[]): Promise<{ readonly code: number | undefined; readonly output: string }> {
    const { exitCode, all } = await execa(process.execPath, [program, ...args], {
      all: true,
      reject: false,
      stripFinalNewline: false,
    });
    return { code: exitCode, output: all };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#servers.values()].map((server) => server.close()));
    await this.farm.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

const portsGiven = new Set<number>();

/**
 * A port that no other group of the tests gets, and below those that the system gives to outgoing connections: a server that is started again must
 * find its port free. Each of vitest's workers has some thousand for itself.
 */
function portOfOwn(): number {
  const worker = Number(process.env.VITEST_POOL_ID ?? 1) % 8;
  const port = 10_000 + worker * 2_500 + randomInt(2_500);
  if (portsGiven.has(port)) return portOfOwn();
  portsGiven.add(port);
  return port;
}

/** Looks until it is so. For what tells no event; `within` in milliseconds. */
export async function until(what: string, isSo: () => Promise<boolean>, within = hangs): Promise<void> {
  const deadline = AbortSignal.timeout(within);
  let last: unknown;
  while (!deadline.aborted) {
    try {
      if (await isSo()) return;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await systemClock.sleep(lookEvery);
  }
  throw new Error(`waited in vain for ${what}`, { cause: last });
}

/** Until the cameras, the judges of it, have one connection each. */
export async function capturedOnce(group: TestGroup): Promise<void> {
  await until('each camera to have one connection', async () => {
    const connections = await group.farm.connections();
    return Object.values(connections).every((count) => count.open === 1);
  });
}
