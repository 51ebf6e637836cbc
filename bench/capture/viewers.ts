/** `viewers.ts URL COUNT`: a player on each of the streams cam0, cam1, …; prints `playing` when each has had its first segment. */
import type { ChildProcess } from 'node:child_process';
import { Agent, get } from 'node:http';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/adapters/clock.ts';
import { Lines } from '../../test/e2e/lines.ts';
import { seconds } from '../harness/bench.ts';
import { startScript } from '../harness/own.ts';

/** Half a segment, as players read live lists. */
const readEvery = seconds(1);

export async function startViewers(server: string, count: number): Promise<ChildProcess> {
  const child = startScript(new URL(import.meta.url), [server, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.stdout === null) throw new Error('no viewers');
  await new Lines(child.stdout).next('the viewers', (line) => (line === 'playing' ? true : undefined), {
    within: 60_000,
  });
  return child;
}

/** Never resolves; `first` is called with the first segment. */
async function play(stream: string, agent: Agent, first: () => void): Promise<void> {
  let last = 0;
  for (;;) {
    const list = await fetchBytes(`${stream}/video.m3u8`, agent);
    const newest = Number([...list.toString('latin1').matchAll(/^(\d+)\.m4s$/gm)].at(-1)?.[1] ?? 0);
    if (newest > last) {
      await fetchBytes(`${stream}/${newest}.m4s`, agent);
      if (last === 0) first();
      last = newest;
    }
    await systemClock.sleep(readEvery);
  }
}

function fetchBytes(url: string, agent: Agent): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.once('end', () => resolve(Buffer.concat(parts)));
      response.once('error', reject);
    }).once('error', reject);
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , server = '', count = '0'] = process.argv;
  const agent = new Agent({ keepAlive: true });
  const started = Array.from(
    { length: Number(count) },
    (_, i) => new Promise<void>((resolve, reject) => void play(`${server}/cam${i}`, agent, resolve).catch(reject)),
  );
  await Promise.all(started);
  process.stdout.write('playing\n');
}
