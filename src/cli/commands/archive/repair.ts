import type { ArchiveDisk } from '../../../archive/disk/archive-disk.ts';
import { runPath } from '../../../archive/layout/run-path.ts';
import type { Repair } from '../../../archive/recovery/recovery.ts';
import { type Decided, examine, mend, type UnfinishedRun } from '../../../archive/store/recover.ts';
import { counted } from '../../terminal/counted.ts';
import { isBeingRecorded } from './being-recorded.ts';
import { type ArchivePorts, readArchive, reasonOf } from './folder.ts';
import { allRuns } from './verify.ts';

export interface RepairOptions {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

interface Outcome {
  readonly path: string;
  /** `recording`: by a server, now; left alone. */
  readonly kind: Decided['kind'] | 'recording' | 'failed';
  readonly message: string;
}

/**
 * `headwater archive repair ROOT [STREAM]`: rebuilds indexes that are missing or broken and cuts torn ends off. Never changes a whole fragment. Exit 2
 * when something is left that it can't mend.
 */
export async function repair(
  root: string,
  stream: string | undefined,
  options: RepairOptions,
  ports: ArchivePorts,
): Promise<void> {
  const archive = await readArchive(root, stream, ports);
  if (archive === undefined) return;
  const { console, progress = () => undefined } = ports;
  const runs = allRuns(archive);
  const outcomes: Outcome[] = [];
  for (const [i, run] of runs.entries()) {
    progress(`${i} of ${counted(runs.length, 'run')}`);
    const outcome = await repairOne(archive.disk, run, options, ports);
    if (outcome.kind === 'sound') continue;
    outcomes.push(outcome);
    progress('');
    if (!options.json) console.write(`${outcome.path}: ${outcome.message}\n`);
  }
  progress('');
  const left = outcomes.filter(({ kind }) => kind === 'unreadable' || kind === 'newer' || kind === 'failed').length;
  const busy = outcomes.filter(({ kind }) => kind === 'recording').length;
  const mended = outcomes.length - left - busy;
  if (options.json) {
    console.write(
      `${JSON.stringify({ runs: runs.length, dryRun: options.dryRun === true, mended, left, outcomes })}\n`,
    );
  } else {
    const done = `${mended} ${options.dryRun ? 'would be mended' : 'mended'}`;
    console.write(`${counted(runs.length, 'run')}: ${done}${left === 0 ? '' : `, ${left} left as they are`}\n`);
  }
  console.exit(left + archive.failed.length === 0 ? 0 : 2);
}

async function repairOne(
  disk: ArchiveDisk,
  of: UnfinishedRun,
  options: RepairOptions,
  { checksums, clock }: ArchivePorts,
): Promise<Outcome> {
  const path = runPath(of.stream, of.run, 'media');
  try {
    const decided = await examine(disk, of, checksums);
    // Behind the look at it: a run that has ended meanwhile is sound.
    if (decided.kind !== 'sound' && (await isBeingRecorded(disk, of, clock))) {
      return { path, kind: 'recording', message: 'written to within the last minute: a server records it; left alone' };
    }
    if (!options.dryRun) await mend(disk, of, decided);
    return { path, kind: decided.kind, message: told(decided) };
  } catch (error) {
    return { path, kind: 'failed', message: reasonOf(error) };
  }
}

function told(decided: Decided): string {
  if (decided.kind === 'repair') return repaired(decided);
  const messages = {
    sound: 'sound',
    empty: 'nothing but a beginning was written: both files go',
    gone: 'an index without a recording: it goes',
    unreadable: 'no recording that can be read, and too much of it to be a torn beginning: left alone',
    newer: 'its index is of a later version: left alone',
  } as const;
  return messages[decided.kind];
}

function repaired({ indexBytes, kept, found, lost, strayBytes }: Repair): string {
  const index = indexBytes === 0 ? 'a new index' : 'its index is mended';
  return [
    `${index}: ${counted(kept + found, 'fragment')}`,
    ...(found > 0 && indexBytes > 0 ? [`${found} of them by their boxes`] : []),
    ...(lost > 0 ? [`${counted(lost, 'fragment')} lost`] : []),
    ...(strayBytes > 0 ? [`${counted(strayBytes, 'byte')} are no whole fragment`] : []),
  ].join(', ');
}
