import { execa } from 'execa';
import type { Load } from './load.ts';

/** The same load by wrk, which is one thread of C; undefined where it is not installed. */
export async function wrk({ port, path, seconds }: Load, connections: number): Promise<number | undefined> {
  const url = `http://127.0.0.1:${port}${path}`;
  const { exitCode, stdout } = await execa('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, url], { reject: false });
  if (exitCode !== 0) return undefined;
  const answered = /(\d+) requests in /.exec(stdout)?.[1];
  if (answered === undefined || stdout.includes('Non-2xx or 3xx')) throw new Error(`wrk of ${url} says ${stdout}`);
  return Number(answered);
}
