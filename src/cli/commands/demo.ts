import type { Command } from 'commander';
import { runDemo } from '../../demo/demo.ts';

/** `headwater demo`: three servers and twelve cameras in one terminal. */
export function registerDemo(program: Command): void {
  program
    .command('demo')
    .description('run three servers and twelve cameras on this machine and see takeover and failback happen')
    .action(runDemo);
}
