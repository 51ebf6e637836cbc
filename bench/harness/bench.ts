import { type Millis, millis } from '../../src/units/time.ts';
import type { Figure } from './figure.ts';

export interface Settings {
  /** Short windows: a look, not a figure to publish. */
  readonly quick: boolean;
  /** CPU profiles of the servers go into this folder. */
  readonly profile: string | undefined;
}

export type Report = (figure: Omit<Figure, 'bench'>) => void;

/** A bench program: measures and reports each figure as soon as it is known, as a JSON line. */
export async function runBench(
  bench: string,
  measure: (settings: Settings, report: Report) => Promise<void>,
): Promise<void> {
  const { argv, env } = process;
  const settings = { quick: argv.includes('--quick'), profile: env.BENCH_PROFILE };
  await measure(settings, (figure) => process.stdout.write(`${JSON.stringify({ bench, ...figure })}\n`));
  // Processes that it started go with it; waiting for them would wait for ever.
  process.exit();
}

/** For people who wait. */
export function progress(what: string): void {
  process.stderr.write(`  ${what}\n`);
}

export const seconds = (count: number): Millis => millis(count * 1000);

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2)];
  return ((sorted[low] ?? Number.NaN) + (sorted[high] ?? Number.NaN)) / 2;
}
