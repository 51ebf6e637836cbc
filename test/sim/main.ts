import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { createClusterCore } from '../../src/cluster/cluster-core.ts';
import { halves, runPart, type Worlds } from './halves.ts';
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

interface Arguments extends Worlds {
  readonly fixed: Fixed;
  readonly verbose: boolean;
  /** Run by another one of these, for its half of the worlds. */
  readonly part: boolean;
}

function parse(args: readonly string[]): Arguments | undefined {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const options = { seed: text, seeds: text, from: text, servers: text, streams: text };
  const { values } = parseArgs({ args: [...args], options: { ...options, verbose: flag, part: flag, help: flag } });
  if (values.help) return undefined;
  const one = whole(values.seed, 'seed');
  return {
    from: one ?? whole(values.from, 'from') ?? 1,
    seeds: one === undefined ? (whole(values.seeds, 'seeds') ?? 100) : 1,
    fixed: { servers: whole(values.servers, 'servers'), streams: whole(values.streams, 'streams') },
    verbose: values.verbose,
    part: values.part,
  };
}

/** Returns how many worlds had a finding. */
function runWorlds({ from, seeds, fixed, verbose }: Arguments): number {
  let found = 0;
  for (let seed = from; seed < from + seeds; seed++) {
    const options = drawOptions(seed, fixed);
    for (const line of printOptions(options)) say(line);
    const verdict = runWorld(options, createClusterCore, verbose ? say : undefined);
    report(seed, verdict);
    if (verdict.finding !== undefined) found += 1;
  }
  return found;
}

/** The two halves at once, printed one after the other; returns the larger exit code. */
async function runHalves(both: readonly [Worlds, Worlds], args: readonly string[]): Promise<number> {
  const parts = both.map(({ from, seeds }) => runPart([...args, '--part', '--from', `${from}`, '--seeds', `${seeds}`]));
  let worst = 0;
  for (const part of parts) {
    const { text, code } = await part;
    process.stdout.write(text);
    worst = Math.max(worst, code);
  }
  return worst;
}

/** Returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const parsed = parse(args);
  if (parsed === undefined) {
    process.stdout.write(usage);
    return 0;
  }
  if (!parsed.part) say(`commit ${commit()}`);
  const both = parsed.part ? undefined : halves(parsed);
  const code = both === undefined ? Math.min(1, runWorlds(parsed)) : await runHalves(both, args);
  if (!parsed.part) say(`${parsed.seeds} worlds, ${code === 0 ? 'no finding' : 'with findings'}`);
  return code;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
