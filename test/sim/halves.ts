import { spawn } from 'node:child_process';

/** Fewer worlds than this are not worth a second process. */
const leastWorlds = 8;

export interface Worlds {
  readonly from: number;
  readonly seeds: number;
}

/** Two parts, for two cores; undefined when it is not worth it. */
export function halves({ from, seeds }: Worlds): readonly [Worlds, Worlds] | undefined {
  if (seeds < leastWorlds) return undefined;
  const first = Math.ceil(seeds / 2);
  return [
    { from, seeds: first },
    { from: from + first, seeds: seeds - first },
  ];
}

/** Runs this program again for a part of the worlds; resolves with what it printed and its exit code. */
export function runPart(args: readonly string[]): Promise<{ readonly text: string; readonly code: number }> {
  return new Promise((resolve, reject) => {
    const [, script = ''] = process.argv;
    const child = spawn(process.execPath, [...process.execArgv, script, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ text, code: code ?? 2 }));
  });
}
