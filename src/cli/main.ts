#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { systemClock } from '../adapters/clock.ts';
import { NodeArchiveDisk } from '../adapters/disk/archive/node-archive-disk.ts';
import { nodeChecksums } from '../adapters/disk/archive/node-checksums.ts';
import { configFiles } from '../adapters/disk/config-files.ts';
import { AppError } from '../units/app-error.ts';
import { registerArchive } from './commands/archive.ts';
import { registerCheck } from './commands/check.ts';
import { registerDemo } from './commands/demo.ts';
import { registerDrain, registerUndrain } from './commands/drain.ts';
import { registerEvents } from './commands/events.ts';
import { registerHelp } from './commands/help.ts';
import { registerPlan } from './commands/plan.ts';
import { registerReload } from './commands/reload.ts';
import { registerRun } from './commands/run.ts';
import { registerStatus } from './commands/status.ts';
import type { Console } from './terminal/console.ts';
import { showProgress } from './terminal/progress.ts';
import { version } from './terminal/version.ts';

const console: Console = {
  write: (text) => process.stdout.write(text),
  complain: (text) => process.stderr.write(text),
  exit(code) {
    process.exitCode = code;
  },
};

// `headwater events | head`, or a log that nobody takes any more: no reason to fail.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const program = new Command('headwater')
  .description('clustered video ingest: every live stream captured once in a group of servers')
  .version(version)
  .showHelpAfterError('(headwater COMMAND --help tells what it takes)')
  .exitOverride();
registerRun(program, console);
registerCheck(program, { files: configFiles, ...console });
registerPlan(program, { files: configFiles, console });
registerStatus(program, console);
registerDrain(program, console);
registerUndrain(program, console);
registerReload(program, console);
registerEvents(program, console);
registerArchive(program, {
  console,
  diskOf: (root) => new NodeArchiveDisk(root),
  checksums: nodeChecksums,
  clock: systemClock,
  ...(process.stderr.isTTY ? { progress: showProgress } : {}),
});
registerDemo(program);
registerHelp(program, console);

try {
  await program.parseAsync();
} catch (error) {
  // Wrong usage has been told by commander; asking for help or the version is fine.
  if (error instanceof CommanderError) console.exit(error.exitCode === 0 ? 0 : 1);
  else {
    const told = error instanceof AppError ? error.message : error instanceof Error ? error.stack : String(error);
    console.complain(`headwater: ${told}\n`);
    console.exit(2);
  }
}
