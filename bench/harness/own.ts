import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a bench program has started and made. It goes with the program, however that ends. */
const children = new Set<ChildProcess>();
const folders = new Set<string>();

process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));

/** A Node process of this program's own. `args` as behind `node`. */
export function startNode(args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(process.execPath, args, options);
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** A TypeScript program as a process of its own: `new URL('./program.ts', import.meta.url)`. */
export function startScript(program: URL, args: readonly string[], options: SpawnOptions): ChildProcess {
  return startNode(['--import', 'tsx', fileURLToPath(program), ...args], options);
}

/** Ends it at once; resolves when it is gone. */
export async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

/** An empty folder, removed when the program ends. */
export function ownFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'headwater-bench-'));
  folders.add(folder);
  return folder;
}
