/**
 * What capturing costs: one server with 100 streams of 4.2 Mbit/s, HLS from its scratch files, beside a process that only reads the same
 * sockets, before and after it in the same run. Cameras are a process of their own. `npm run bench -- capture`
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../src/adapters/clock.ts';
import { freePorts } from '../src/demo/ports.ts';
import { until } from '../test/e2e/harness.ts';
import { Lines } from '../test/e2e/lines.ts';
import { writeBenchClip } from './capture/clip.ts';
import type { ReaderKind } from './capture/reader.ts';
import { startViewers } from './capture/viewers.ts';
import { progress, type Report, runBench, type Settings, seconds } from './harness/bench.ts';
import { clipFolder, Farm } from './harness/farm.ts';
import { atMost } from './harness/figure.ts';
import { end, ownFolder, startScript } from './harness/own.ts';
import { MeasuredServer } from './harness/server.ts';
import { folderBytes, isTmpfs, type Load, LoadMeter, peakMemory } from './harness/usage.ts';

const streams = 100;
const bitsPerSecond = 4_200_000;
const mega = 1_000_000;

/** Seconds. */
interface Windows {
  readonly warmUp: number;
  readonly server: number;
  readonly reader: number;
  readonly leastReader: number;
  /** 0: not measured. */
  readonly viewers: number;
}

/**
 * Until the first files are removed, after 24 s, every page that is written is new to the machine, which in a virtual one the host has to find
 * (up to 17 % of a core for this load). The compilers are done after 50 s; until then they take 1 %. What a server costs shows behind both.
 */
const untilSteady = 50;
const published: Windows = { warmUp: untilSteady, server: 18, reader: 6, leastReader: 6, viewers: 8 };
const shorter: Windows = { warmUp: untilSteady, server: 10, reader: 4, leastReader: 4, viewers: 0 };
const quick: Windows = { warmUp: untilSteady, server: 6, reader: 3, leastReader: 3, viewers: 0 };

type Protocol = 'rtsp' | 'http';

async function measure(settings: Settings, report: Report): Promise<void> {
  const folder = ownFolder();
  const clip = join(folder, 'bench.ts');
  writeBenchClip(join(clipFolder, 'gate.ts'), clip, bitsPerSecond);
  await measureProtocol('rtsp', { clip, folder, settings, report });
  if (!settings.quick) await measureProtocol('http', { clip, folder, settings, report });
}

interface Run {
  readonly clip: string;
  readonly folder: string;
  readonly settings: Settings;
  readonly report: Report;
}

async function measureProtocol(protocol: Protocol, run: Run): Promise<void> {
  const names = Array.from({ length: streams }, (_, i) => `cam${i}`);
  await using farm = await Farm.start(names.map((name) => `${name}=${protocol}:${run.clip}`));
  const urls = names.map((name) => farm.urls[name] ?? '');
  const windows = windowsFor(protocol, run.settings);
  const before = await measureReader('plain', urls, windows.reader);
  const least = await measureReader('onread', urls, windows.leastReader);
  const { load, viewed } = await measureServer(protocol, farm.urls, run, windows);
  const after = await measureReader('plain', urls, windows.reader);
  const bare = (before.process + after.process) / 2;
  tell(protocol, run.report, { load, viewed, bare, least: least.process, spread: [before.process, after.process] });
}

interface Measured {
  readonly load: Load;
  readonly viewed: Load | undefined;
  readonly bare: number;
  readonly least: number;
  readonly spread: readonly number[];
}

function tell(protocol: Protocol, report: Report, { load, viewed, bare, least, spread }: Measured): void {
  const label = protocol === 'rtsp' ? 'RTSP' : 'MPEG-TS';
  const percent = (share: number): number => share * 100;
  report({
    figure: `${label}: CPU of the server to only reading`,
    value: load.process / bare,
    unit: '×',
    ...(protocol === 'rtsp' && { promise: atMost(2.5) }),
    note: `readers before and after: ${spread.map((one) => percent(one).toFixed(1)).join(' and ')} % of a core`,
  });
  report({
    figure: `${label}: the same, to reading into one buffer`,
    value: load.process / least,
    unit: '×',
    note: `${percent(least).toFixed(1)} % of a core: the least that Node can do, and what the server does`,
  });
  report({ figure: `${label}: CPU of the server`, value: percent(load.process), unit: '% of a core' });
  report({ figure: `${label}: CPU a stream`, value: (load.process / streams) * 1000, unit: 'ms/s' });
  report({ figure: `${label}: of it the main thread`, value: percent(load.mainThread), unit: '% of a core' });
  report({ figure: `${label}: only reading`, value: percent(bare), unit: '% of a core' });
  if (viewed === undefined) return;
  report({
    figure: `${label}: CPU with a viewer on each stream`,
    value: percent(viewed.process),
    unit: '% of a core',
    note: `main thread ${percent(viewed.mainThread).toFixed(1)} %`,
  });
}

function windowsFor(protocol: Protocol, settings: Settings): Windows {
  if (settings.quick) return quick;
  return protocol === 'rtsp' ? published : shorter;
}

async function measureReader(kind: ReaderKind, urls: readonly string[], window: number): Promise<Load> {
  progress(`reading ${urls.length} sockets (${kind})`);
  const reader = startScript(new URL('./capture/bare-reader.ts', import.meta.url), [kind], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (reader.stdin === null || reader.stdout === null || reader.pid === undefined) throw new Error('no reader');
  reader.stdin.end(`${urls.join('\n')}\n`);
  await new Lines(reader.stdout).next('the reader', (line) => (line === 'playing' ? true : undefined), {
    within: 60_000,
  });
  await systemClock.sleep(seconds(window / 3));
  const meter = new LoadMeter(reader.pid);
  await systemClock.sleep(seconds(window));
  const load = meter.read();
  await end(reader);
  return load;
}

async function measureServer(
  protocol: Protocol,
  urls: Readonly<Record<string, string>>,
  { folder, settings, report }: Run,
  windows: Windows,
): Promise<{ load: Load; viewed: Load | undefined }> {
  progress(`capturing ${streams} streams (${protocol})`);
  const state = join(folder, protocol);
  mkdirSync(state);
  const [port = 0] = await freePorts([0]);
  const configFile = join(folder, `${protocol}.conf`);
  writeFileSync(configFile, configText(port, state, urls));
  await using server = new MeasuredServer({ name: 'bench', port, configFile, profile: settings.profile });
  await until('all streams to run', async () => allRun(await server.get('/metrics')), 60_000);
  await systemClock.sleep(seconds(windows.warmUp));
  await server.get('/metrics');
  const meter = new LoadMeter(server.pid);
  await systemClock.sleep(seconds(windows.server));
  const load = meter.read();
  const metrics = await server.get('/metrics');
  tellLoop(protocol, metrics, report);
  tellMemory(protocol, { peak: peakMemory(server.pid), state }, report);
  const viewed = windows.viewers > 0 ? await measureViewed(server, windows) : undefined;
  return { load, viewed };
}

function configText(port: number, state: string, urls: Readonly<Record<string, string>>): string {
  const lines = Object.entries(urls).map(([name, url]) => `stream ${name} { url ${url}; cluster_ingest; }`);
  return [`http 127.0.0.1:${port};`, `state_dir "${state}";`, ...lines, ''].join('\n');
}

function allRun(metrics: string): boolean {
  return Number(/^headwater_group_streams\{state="running"\} (\d+)$/m.exec(metrics)?.[1] ?? 0) === streams;
}

/** Node's own measurement has its sampling's interval of 10 ms in it. */
function tellLoop(protocol: Protocol, metrics: string, report: Report): void {
  const value = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics)?.[1] ?? Number.NaN);
  const label = protocol === 'rtsp' ? 'RTSP' : 'MPEG-TS';
  report({
    figure: `${label}: event loop lag, p99`,
    value: value('headwater_event_loop_lag_p99_seconds') * 1000,
    unit: 'ms',
    promise: atMost(50),
  });
  const p50 = Math.max(0, value('nodejs_eventloop_lag_p50_seconds') * 1000 - 10);
  report({ figure: `${label}: event loop lag, p50`, value: p50, unit: 'ms' });
}

function tellMemory(protocol: Protocol, of: { readonly peak: number; readonly state: string }, report: Report): void {
  const label = protocol === 'rtsp' ? 'RTSP' : 'MPEG-TS';
  const scratch = folderBytes(of.state);
  const inMemory = isTmpfs(of.state);
  report({
    figure: `${label}: ${inMemory ? 'resident memory, peak, and scratch files' : 'resident memory, peak'}`,
    value: (of.peak + (inMemory ? scratch : 0)) / mega,
    unit: 'MB',
    promise: atMost(500),
  });
  report({
    figure: `${label}: scratch files`,
    value: scratch / mega,
    unit: 'MB',
    note: inMemory ? 'on tmpfs: they count as memory' : 'on a disk: they are no memory of the process',
  });
}

/** A player on every stream: the newest list twice a segment, each segment once. */
async function measureViewed(server: MeasuredServer, windows: Windows): Promise<Load> {
  progress('with a viewer on each stream');
  const viewers = await startViewers(server.url, streams);
  const meter = new LoadMeter(server.pid);
  await systemClock.sleep(seconds(windows.viewers));
  const load = meter.read();
  await end(viewers);
  return load;
}

await runBench('capture', measure);
