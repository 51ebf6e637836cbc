/**
 * What the control plane costs: 20 servers, 5,000 streams. One process plays all servers with their real core, trust and exchange over
 * real HTTP, and pretended captures. It gives them the streams and lets one die on a slowed clock, since they share a core. Then the real program takes the
 * dead one's place in full, API, workers and all, in real time; its 250 sources send a keyframe every ten seconds, so
 * nearly all that it takes is control. `npm run bench -- control`
 */
import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../src/adapters/clock.ts';
import { freePorts } from '../src/demo/ports.ts';
import { Lines } from '../test/e2e/lines.ts';
import { progress, type Report, runBench, type Settings, seconds } from './harness/bench.ts';
import { atMost } from './harness/figure.ts';
import { ownFolder, startScript } from './harness/own.ts';
import { MeasuredServer } from './harness/server.ts';
import { LoadMeter, peakMemory } from './harness/usage.ts';

const servers = 20;
const streams = 5_000;
/** One claim in a hundred. */
const churnPerMinute = streams / 100;
/** So that each of them gets about what it would get of a core of its own on a machine that is not idle. */
const slowness = 10;
/** Seconds: in real time 19 servers in one process may each seem to stand still for a while. Nothing measured waits for it. */
const staleTimeout = 30;
const real = 's01';
const victim = 's20';

async function measure({ quick, profile }: Settings, report: Report): Promise<void> {
  const window = quick ? 5 : 20;
  const config = await writeConfig(await sourcesPort());
  const peers = await startPeers(config);
  const note = `${servers} servers share a process; their clock is slowed ${slowness} times`;
  progress(`${servers} servers begin, and read ${streams} streams`);
  await peers.do('begin');
  const placed = await peers.do('place');
  report({ figure: `${streams} new streams: all captured at home`, value: placed.seconds, unit: 's', note });
  progress('one of them dies');
  const died = await peers.do(`kill ${real}`);
  report({
    figure: `a server dies: its ${died.result} streams captured`,
    value: died.seconds,
    unit: 's',
    promise: atMost(1),
    note,
  });
  await peers.do('real-time');
  progress('the real server returns');
  await using server = new MeasuredServer({
    name: real,
    port: config.ports[0] ?? 0,
    configFile: config.path,
    profile,
  });
  const returned = await peers.do('home');
  report({ figure: 'a server returns: start to all its streams given back', value: returned.seconds, unit: 's' });
  await tellLag(server, 'from its start until then', report);
  await measureLoad(server, 'nothing changes', window, report);
  await peers.do(`churn ${churnPerMinute}`);
  await measureLoad(server, '1 % of the claims change a minute', window, report);
  await measureDeath(server, peers, report);
  report({ figure: 'resident memory, peak', value: peakMemory(server.pid) / 1e6, unit: 'MB' });
}

async function measureLoad(server: MeasuredServer, what: string, window: number, report: Report): Promise<void> {
  progress(what);
  const meter = new LoadMeter(server.pid);
  await systemClock.sleep(seconds(window));
  const load = meter.read();
  report({
    figure: `CPU, ${what}`,
    value: load.process * 100,
    unit: '% of a core',
    promise: atMost(5),
    note: `main thread ${(load.mainThread * 100).toFixed(1)} %`,
  });
  await tellLag(server, what, report);
}

/** Since the last time that it was asked for. */
async function tellLag(server: MeasuredServer, what: string, report: Report): Promise<void> {
  const { p99, longest } = await server.lag();
  report({
    figure: `event loop lag, p99, ${what}`,
    value: p99 * 1000,
    unit: 'ms',
    promise: atMost(50),
    note: `longest ${(longest * 1000).toFixed(0)} ms`,
  });
}

/** What the death of another server costs a survivor, beside what it takes anyway. */
async function measureDeath(server: MeasuredServer, peers: Peers, report: Report): Promise<void> {
  progress('another server dies');
  const meter = new LoadMeter(server.pid);
  const died = await peers.do(`kill ${victim}`);
  report({
    figure: `another server with ${died.result} streams dies: CPU of the real one`,
    value: meter.read().process * died.seconds * 1000,
    unit: 'ms',
    note: `in ${died.seconds.toFixed(1)} s`,
  });
}

interface Peers {
  /** Resolves when it is done, with what was answered and the seconds that it took by the peers' clock. */
  do(command: string): Promise<{ readonly result: string; readonly seconds: number }>;
}

async function startPeers(config: GroupFile): Promise<Peers> {
  const child = startScript(new URL('./control/peers.ts', import.meta.url), [config.path, String(slowness)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = linesOf(child);
  const answer = (to: string, from: number): Promise<string[]> =>
    lines.next(to, (line) => (line.startsWith(to) ? line.split(' ') : undefined), { within: 120_000, from });
  await answer('listening', 0);
  return {
    async do(command) {
      const said = lines.all.length;
      child.stdin?.write(`${command}\n`);
      const [, took = '', result = ''] = await answer(command.split(' ')[0] ?? '', said);
      return { result, seconds: Number(took) };
    },
  };
}

async function sourcesPort(): Promise<number> {
  const child = startScript(new URL('./control/sources.ts', import.meta.url), [], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return linesOf(child).next('the port of the sources', (line) => Number(line), { within: 30_000 });
}

function linesOf(child: ChildProcess): Lines {
  if (child.stdout === null) throw new Error('a process without output');
  return new Lines(child.stdout);
}

interface GroupFile {
  readonly path: string;
  readonly ports: readonly number[];
}

async function writeConfig(sources: number): Promise<GroupFile> {
  const folder = ownFolder();
  const ports = await freePorts(Array.from({ length: servers }, () => 0));
  const name = (letter: string, i: number, digits: number): string => letter + String(i + 1).padStart(digits, '0');
  const peers = ports.map(
    (port, i) => `peer ${name('s', i, 2)} { address 127.0.0.1:${port}; stale_timeout ${staleTimeout}; }`,
  );
  const names = Array.from({ length: streams }, (_, i) => name('cam', i, 4));
  const text = [
    'cluster_key of-the-bench;',
    `state_dir "${folder}/state-\${name}";`,
    // So many at once are a few seconds' work instead of a minute's.
    'handovers 50;',
    ...peers,
    // Not seamless: what is given back by a pretended capture has no keyframes in which it could be found.
    ...names.map(
      (one) =>
        `stream ${one} { url http://127.0.0.1:${sources}/${one}; cluster_ingest handover=break; source_timeout 30; }`,
    ),
    '',
  ];
  const path = join(folder, 'headwater.conf');
  writeFileSync(path, text.join('\n'));
  return { path, ports };
}

await runBench('control', measure);
