import type { Command } from 'commander';
import type { ArchivePorts } from './archive/folder.ts';
import { type ListOptions, list } from './archive/list.ts';
import { type RepairOptions, repair } from './archive/repair.ts';
import { verify } from './archive/verify.ts';

const rootHelp = 'the folder that a `dvr` line names';
const streamHelp = 'only this one';

/** `headwater archive list|verify|repair ROOT [STREAM]`: an archive's files, without a server. */
export function registerArchive(program: Command, ports: ArchivePorts): void {
  const archive = program.command('archive').description("look over and mend an archive's files, without a server");
  archive
    .command('list')
    .description('show what is recorded in a folder: streams, the stretches of one, or every run')
    .argument('<root>', rootHelp)
    .argument('[stream]', streamHelp)
    .option('--runs', 'every run, with its file')
    .option('--json', 'print {"streams":[…]} instead of a table')
    .action((root: string, stream: string | undefined, options: ListOptions) => list(root, stream, options, ports));
  archive
    .command('verify')
    .description('read every recording and compare it with its checksums; exit 2 when anything is damaged')
    .argument('<root>', rootHelp)
    .argument('[stream]', streamHelp)
    .option('--json', 'print {"runs":…,"findings":[…]} instead of text')
    .action((root: string, stream: string | undefined, options: { readonly json?: boolean }) =>
      verify(root, stream, options, ports),
    );
  archive
    .command('repair')
    .description('rebuild indexes that are missing or broken, and cut torn ends off; exit 2 when something is left')
    .argument('<root>', rootHelp)
    .argument('[stream]', streamHelp)
    .option('--dry-run', 'only tell what would be done')
    .option('--json', 'print {"runs":…,"outcomes":[…]} instead of text')
    .action((root: string, stream: string | undefined, options: RepairOptions) => repair(root, stream, options, ports));
}
