/**
 * What delivery costs beside a bare `node:http` server that sends the same bytes, measured in the same run: playlists and redirects a
 * second, and CPU time a request, which a busy machine or a slow client doesn't distort. `npx tsx bench/delivery.ts`
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { load } from './delivery/load.ts';

const warmUpMs = 1500;
const measuredMs = 4000;
const requests = {
  playlist: '/site/cam01/video.m3u8',
  redirect: '/site/cam01/900000001.m4s',
} as const;

export type DeliveryRequest = keyof typeof requests;

export interface DeliveryCost {
  readonly request: DeliveryRequest;
  readonly server: 'bare' | 'headwater';
  readonly perSecond: number;
  /** Of the server's process. */
  readonly cpuMicrosPerRequest: number;
}

/** Both servers one after the other, so that neither takes the other's core. */
export async function measureDelivery(): Promise<DeliveryCost[]> {
  return [...(await measureServer('bare')), ...(await measureServer('headwater'))];
}

async function measureServer(server: DeliveryCost['server']): Promise<DeliveryCost[]> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', fileURLToPath(new URL('./delivery/server.ts', import.meta.url)), server],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  try {
    const [port, cpuPort] = await portsOf(child);
    const costs: DeliveryCost[] = [];
    for (const request of Object.keys(requests) as DeliveryRequest[]) {
      await load({ port, path: requests[request], milliseconds: warmUpMs });
      const before = await cpuMicros(cpuPort);
      const answered = await load({ port, path: requests[request], milliseconds: measuredMs });
      const used = (await cpuMicros(cpuPort)) - before;
      costs.push({ request, server, perSecond: (answered * 1000) / measuredMs, cpuMicrosPerRequest: used / answered });
    }
    return costs;
  } finally {
    child.kill();
  }
}

async function portsOf(child: ChildProcess): Promise<[number, number]> {
  if (child.stdout === null) throw new Error('the server has no output');
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const [port, cpuPort] = line.split(' ').map(Number);
  if (port === undefined || cpuPort === undefined) throw new Error(`the server says ${line}`);
  return [port, cpuPort];
}

async function cpuMicros(port: number): Promise<number> {
  return Number(await (await fetch(`http://127.0.0.1:${port}/`)).text());
}

/** Lines for people. */
export function deliveryReport(costs: readonly DeliveryCost[]): string[] {
  return (Object.keys(requests) as DeliveryRequest[]).map((request) => {
    const [own, bare] = (['headwater', 'bare'] as const).map((server) =>
      costs.find((cost) => cost.request === request && cost.server === server),
    );
    if (own === undefined || bare === undefined) return `${request}: not measured`;
    const ratio = own.cpuMicrosPerRequest / bare.cpuMicrosPerRequest;
    return `${request}: ${Math.round(own.perSecond)}/s at ${own.cpuMicrosPerRequest.toFixed(1)} µs CPU each; bare node:http ${Math.round(bare.perSecond)}/s at ${bare.cpuMicrosPerRequest.toFixed(1)} µs: ${ratio.toFixed(2)} times`;
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const line of deliveryReport(await measureDelivery())) process.stdout.write(`${line}\n`);
}
