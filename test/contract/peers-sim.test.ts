import type { ClusterConfig } from '../../src/cluster/step/cluster-config.ts';
import type { Event } from '../../src/cluster/step/event.ts';
import { type ServerName, serverName } from '../../src/units/ids.ts';
import { millis } from '../../src/units/time.ts';
import { type Endpoint, SimNetwork } from '../sim/network/sim-network.ts';
import { Random } from '../sim/random.ts';
import { Schedule } from '../sim/schedule.ts';
import { Contract } from '../sim/server/contract.ts';
import { HostClock } from '../sim/server/host-clock.ts';
import { PeerCalls } from '../sim/server/peer-calls.ts';
import { a, b, type ContractServer, c, peersContract, type Rig } from './peers-contract.ts';

peersContract('simulated', makeRig);

const x = serverName('x');

function makeRig(): Promise<Rig> {
  const schedule = new Schedule();
  const options = { delayMs: [0.1, 2] as const, jitterMs: 0.5, loss: 0 };
  const network = new SimNetwork(schedule, options, new Random('contract'), [a, b, c, x]);
  const group = [a, b];
  const servers = new Map<Endpoint, SimServer>();
  const make = (name: ServerName, known: readonly ServerName[]): SimServer =>
    new SimServer({ name, known, network, schedule, servers });
  const serverB = make(b, group);
  return Promise.resolve({
    a: make(a, group),
    b: serverB,
    stranger: make(x, [a, b, x]),
    until: (isSo) => {
      if (!isSo()) schedule.run(schedule.now + 5_000, isSo);
      if (!isSo()) throw new Error('waited in vain');
      return Promise.resolve();
    },
    pass: (ms) => Promise.resolve(schedule.run(schedule.now + ms)),
    killB: () => Promise.resolve(network.end(serverB, 'reset')),
    freezeB: () => Promise.resolve(serverB.freeze()),
    close: () => Promise.resolve(),
  });
}

/** The simulator's calls without its core. */
class SimServer implements ContractServer, Endpoint {
  readonly name: ServerName;
  readonly host: ServerName;
  readonly events: Event[] = [];
  readonly peers: PeerCalls;
  #frozen = false;

  constructor(of: {
    readonly name: ServerName;
    readonly known: readonly ServerName[];
    readonly network: SimNetwork;
    readonly schedule: Schedule;
    readonly servers: Map<Endpoint, SimServer>;
  }) {
    this.name = of.name;
    this.host = of.name;
    this.peers = new PeerCalls({
      process: this,
      network: of.network,
      clock: new HostClock(of.schedule, 0, 1),
      contract: new Contract(of.name, configOf(of.known)),
      staleMs: 10_000,
      isPeer: (name) => of.known.includes(name),
      step: (event) => this.events.push(event),
      callsOf: (process) => of.servers.get(process)?.peers,
    });
    of.servers.set(this, this);
    of.network.listen(this);
  }

  run(job: () => void): void {
    if (!this.#frozen) job();
  }

  freeze(): void {
    this.#frozen = true;
  }
}

function configOf(names: readonly ServerName[]): ClusterConfig {
  return {
    servers: names.map((name) => ({ name, fetchTimeout: millis(1), staleTimeout: millis(1), weight: 1 })),
    streams: [],
    failbackDelay: millis(1),
    handovers: 1,
    partition: 'capture',
    digest: '',
  };
}
