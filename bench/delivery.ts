/**
 * What delivery costs beside a bare `node:http` server that sends the same bytes, measured in the same run: playlists and redirects a second,
 * bytes of segments a second, and CPU time a request, which a busy machine or a slow client doesn't distort. `npm run bench -- delivery`
 */
import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Lines } from '../test/e2e/lines.ts';
import { load } from './delivery/load.ts';
import { progress, type Report, runBench, type Settings } from './harness/bench.ts';
import { end, ownFolder, startScript } from './harness/own.ts';
import { cpuSeconds } from './harness/usage.ts';

/** Two seconds of 4.2 Mbit/s. */
const segmentBytes = 1_050_000;
const requests = [
  { name: 'playlists', path: '/site/cam01/video.m3u8', bytes: 0 },
  { name: 'redirects', path: '/site/cam01/900000001.m4s', bytes: 0 },
  { name: 'segments', path: '/site/cam01/900000007.m4s', bytes: segmentBytes },
] as const;

type Served = 'headwater' | 'bare';
type Requested = (typeof requests)[number]['name'];

interface Cost {
  readonly perSecond: number;
  /** Of the server's process. */
  readonly cpuMicros: number;
}

async function measure({ quick }: Settings, report: Report): Promise<void> {
  const segment = join(ownFolder(), 'segment.mp4');
  writeFileSync(segment, Buffer.alloc(segmentBytes, 0x5a));
  const seconds = quick ? 1 : 3;
  const bare = await measureServer('bare', segment, seconds);
  const own = await measureServer('headwater', segment, seconds);
  for (const { name, bytes } of requests) tell(name, bytes, { own: own.get(name), bare: bare.get(name) }, report);
}

async function measureServer(served: Served, segment: string, seconds: number): Promise<ReadonlyMap<Requested, Cost>> {
  progress(`${served} server`);
  const child = startScript(new URL('./delivery/server.ts', import.meta.url), [served, segment], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port, pid] = [await portOf(child), child.pid ?? 0];
  const costs = new Map<Requested, Cost>();
  for (const { name, path } of requests) {
    await load({ port, path, seconds: 1 });
    const before = cpuSeconds(pid);
    const answered = await load({ port, path, seconds });
    const cpuMicros = ((cpuSeconds(pid) - before) * 1e6) / answered;
    costs.set(name, { perSecond: answered / seconds, cpuMicros });
  }
  await end(child);
  return costs;
}

function portOf(child: ChildProcess): Promise<number> {
  if (child.stdout === null) throw new Error('the server has no output');
  return new Lines(child.stdout).next('the port of the server', (line) => Number(line));
}

function tell(
  name: Requested,
  bytes: number,
  { own, bare }: { readonly own: Cost | undefined; readonly bare: Cost | undefined },
  report: Report,
): void {
  if (own === undefined || bare === undefined) throw new Error(`${name} were not measured`);
  const cost = ({ perSecond, cpuMicros }: Cost): string =>
    `${Math.round(perSecond)} a second, ${cpuMicros.toFixed(0)} µs of CPU each`;
  report({ figure: name, value: own.perSecond, unit: '1/s', note: `${cost(own)}; bare node:http ${cost(bare)}` });
  report({ figure: `${name}: CPU to a bare server`, value: own.cpuMicros / bare.cpuMicros, unit: '×' });
  if (bytes > 0) report({ figure: `${name}: bytes`, value: (own.perSecond * bytes) / 1e6, unit: 'MB/s' });
}

await runBench('delivery', measure);
