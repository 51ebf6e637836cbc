/**
 * `npm run bench [-- NAME…] [--quick] [--profile DIR]`: runs the benches one after the other, each in a process of its own, and prints a table
 * and one JSON line per figure. Exit code 1 when a bench failed; a promise that was missed is told, not an error.
 */
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '../src/adapters/clock.ts';
import { after } from '../src/units/time.ts';
import { Lines } from '../test/e2e/lines.ts';
import { progress, seconds } from './harness/bench.ts';
import { type Figure, figureTable, isKept, parseFigure } from './harness/figure.ts';
import { end, startScript } from './harness/own.ts';

const benches = {
  capture: new URL('./capture.ts', import.meta.url),
  control: new URL('./control.ts', import.meta.url),
  takeover: new URL('./takeover.ts', import.meta.url),
  delivery: new URL('./delivery.ts', import.meta.url),
  media: new URL('./media.ts', import.meta.url),
  archive: new URL('./archive.ts', import.meta.url),
} as const;

/** Several times what the longest one takes: then it hangs. */
const longestBench = seconds(600);

type Name = keyof typeof benches;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { quick: { type: 'boolean', default: false }, profile: { type: 'string' } },
  });
  const all = Object.keys(benches) as Name[];
  const names = positionals.length === 0 ? all : all.filter((name) => positionals.includes(name));
  if (names.length < new Set(positionals).size) {
    process.stderr.write(`there are the benches ${all.join(', ')}\n`);
    process.exitCode = 1;
    return;
  }
  if (values.profile !== undefined) mkdirSync(values.profile, { recursive: true });
  const figures: Figure[] = [];
  for (const name of names) figures.push(...(await run(name, values)));
  process.stdout.write(`${figureTable(figures)}\n\n`);
  for (const figure of figures) process.stdout.write(`${JSON.stringify(figure)}\n`);
  const missed = figures.filter((figure) => !isKept(figure)).length;
  if (missed > 0) process.stdout.write(`\n${missed} promises missed\n`);
}

async function run(
  name: Name,
  options: { readonly quick: boolean; readonly profile?: string | undefined },
): Promise<Figure[]> {
  progress(`bench ${name}`);
  const env = options.profile === undefined ? process.env : { ...process.env, BENCH_PROFILE: resolve(options.profile) };
  const child = startScript(benches[name], options.quick ? ['--quick'] : [], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  });
  if (child.stdout === null) throw new Error(`no output of ${name}`);
  const figures: Figure[] = [];
  const lines = new Lines(child.stdout);
  const ended = new Promise<number | null>((done) => child.once('exit', done));
  const cancel = systemClock.setTimer(after(systemClock.monotonic(), longestBench), () => void end(child, 'SIGTERM'));
  const code = await ended;
  cancel();
  for (const line of lines.all) figures.push(...[parseFigure(line) ?? []].flat());
  if (code !== 0) {
    progress(`bench ${name} failed`);
    process.exitCode = 1;
  }
  return figures;
}

await main();
