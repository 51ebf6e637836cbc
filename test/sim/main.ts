import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { createClusterCore } from '../../src/cluster/cluster-core.ts';
import { drawOptions, type Fixed, printOptions } from './options.ts';
import { runWorld, type Verdict } from './run.ts';

const usage = `npm run sim -- [--seed N] [--seeds COUNT] [--from N] [--servers N] [--streams N] [--verbose]

  --seed N       one world, the one of this seed
  --seeds COUNT  so many worlds (100)
  --from N       beginning with this seed (1)
  --servers N    instead of a drawn number; the same for --streams
  --verbose      everything that happens, not only what led to a finding
`;

function whole(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`--${name} wants a whole number, not "${text}"`);
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function report(seed: number, verdict: Verdict): void {
  const { finding, recent, hash, simulatedMs } = verdict;
  const at = `${(simulatedMs / 1000).toFixed(3)} s`;
  if (finding === undefined) {
    say(`  ok after ${at}, trace ${hash}`);
    return;
  }
  for (const line of recent) say(line);
  say(`FINDING seed ${seed}: ${finding.checker}: ${finding.message}`);
  say(`  at ${at}, trace ${hash}; again: npm run sim -- --seed ${seed}`);
}

/** Returns the exit code. */
function main(args: readonly string[]): number {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: text,
      seeds: text,
      from: text,
      servers: text,
      streams: text,
      verbose: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) {
    process.stdout.write(usage);
    return 0;
  }
  const fixed: Fixed = { servers: whole(values.servers, 'servers'), streams: whole(values.streams, 'streams') };
  const one = whole(values.seed, 'seed');
  const first = one ?? whole(values.from, 'from') ?? 1;
  const count = one === undefined ? (whole(values.seeds, 'seeds') ?? 100) : 1;
  say(`commit ${commit()}`);
  let found = 0;
  for (let seed = first; seed < first + count; seed++) {
    const options = drawOptions(seed, fixed);
    for (const line of printOptions(options)) say(line);
    const verdict = runWorld(options, createClusterCore, values.verbose === true ? say : undefined);
    report(seed, verdict);
    if (verdict.finding !== undefined) found += 1;
  }
  say(`${count} worlds, ${found} with a finding`);
  return found > 0 ? 1 : 0;
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
