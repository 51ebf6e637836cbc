/**
 * What the control plane costs: 20 servers, 5,000 streams. One process plays all servers with their real core, trust and exchange over
 * real HTTP, and pretended captures. When they have booted, one of them dies and the real program takes its place in full, API, workers and
 * all; its 250 sources send a keyframe every ten seconds, so nearly all that it takes is control. `npm run bench -- control`
 */
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../src/adapters/clock.ts';
import { freePorts } from '../src/demo/ports.ts';
import { between } from '../src/units/time.ts';
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
/** Seconds: 19 servers that boot in one process on a busy machine each seem to stand still for a while. Nothing measured waits for it. */
const staleTimeout = 60;
const real = 's01';
const victim = 's20';

async function measure({ quick, profile }: Settings, report: Report): Promise<void> {
  const window = quick ? 8 : 25;
  const sources = await sourcesPort();
  const ports = await freePorts(Array.from({ length: servers }, () => 0));
  const configFile = writeConfig(ports, sources);
  const peers = await startPeers(configFile);
  progress(`${servers} servers and ${streams} streams boot`);
  const booted = await peers.do('begin');
  report({
    figure: 'boot of the group to all streams captured',
    value: booted.seconds,
    unit: 's',
    note: `${servers} servers share one process`,
  });
  await peers.do('home');
  const died = await peers.do(`kill ${real}`);
  report({
    figure: `a server dies: its ${died.result} streams captured`,
    value: died.seconds,
    unit: 's',
    note: 'the survivors share one process',
  });
  progress('the real server returns');
  await using server = new MeasuredServer({ name: real, port: ports[0] ?? 0, configFile, profile });
  const returned = await peers.do('home');
  report({ figure: 'a server returns: start to all its streams given back', value: returned.seconds, unit: 's' });
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
  /** Resolves when it is done, with what was answered and the time it took. */
  do(command: string): Promise<{ readonly result: string; readonly seconds: number }>;
}

async function startPeers(configFile: string): Promise<Peers> {
  const child = startScript(new URL('./control/peers.ts', import.meta.url), [configFile], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = linesOf(child);
  const answer = (to: string, from: number): Promise<string> =>
    lines.next(to, (line) => (line.startsWith(to) ? line.slice(to.length + 1) : undefined), { within: 180_000, from });
  await answer('listening', 0);
  return {
    async do(command) {
      const [name = ''] = command.split(' ');
      const said = lines.all.length;
      const began = systemClock.monotonic();
      child.stdin?.write(`${command}\n`);
      const result = await answer(name, said);
      return { result, seconds: between(began, systemClock.monotonic()) / 1000 };
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

function writeConfig(ports: readonly number[], sources: number): string {
  const folder = ownFolder();
  mkdirSync(join(folder, 'state'));
  const peers = ports.map(
    (port, i) =>
      `peer s${String(i + 1).padStart(2, '0')} { address 127.0.0.1:${port}; stale_timeout ${staleTimeout}; }`,
  );
  // Not seamless: what is given back by a pretended capture has no keyframes in which it could be found.
  const names = Array.from({ length: streams }, (_, i) => `cam${String(i + 1).padStart(4, '0')}`);
  const text = [
    'cluster_key of-the-bench;',
    `state_dir "${folder}/state/\${name}";`,
    ...peers,
    ...names.map(
      (name) =>
        `stream ${name} { url http://127.0.0.1:${sources}/${name}; cluster_ingest handover=break; source_timeout 30; }`,
    ),
    '',
  ];
  const path = join(folder, 'headwater.conf');
  writeFileSync(path, text.join('\n'));
  return path;
}

await runBench('control', measure);
