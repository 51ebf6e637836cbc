import type { ArchiveDisk } from '../../../archive/disk/archive-disk.ts';
import { drive, readFile } from '../../../archive/disk/read-file.ts';
import { type RunIndex, readIndex } from '../../../archive/index/run-index.ts';
import { runPath } from '../../../archive/layout/run-path.ts';
import { verifyRun } from '../../../archive/recovery/verify-run.ts';
import type { UnfinishedRun } from '../../../archive/store/recover.ts';
import type { Bytes } from '../../../units/size.ts';
import { formatSize } from '../../../units/size.ts';
import { counted } from '../../terminal/counted.ts';
import { moment } from '../../terminal/table.ts';
import { isBeingRecorded } from './being-recorded.ts';
import { type ArchivePorts, type ReadArchive, readArchive, reasonOf } from './folder.ts';

/** What is found in a run. `recording`: by a server, now. All but `good` and `recording` are damage. */
type FindingKind = 'good' | 'recording' | 'damaged' | 'no-end' | 'no-index' | 'no-recording' | 'newer' | 'failed';

interface Finding {
  readonly kind: FindingKind;
  readonly path: string;
  readonly message: string;
  /** Of the recording. */
  readonly bytes: number;
}

/** `headwater archive verify ROOT [STREAM]`: reads everything and compares it with what was recorded. Exit 2 when anything differs. */
export async function verify(
  root: string,
  stream: string | undefined,
  options: { readonly json?: boolean },
  ports: ArchivePorts,
): Promise<void> {
  const archive = await readArchive(root, stream, ports);
  if (archive === undefined) return;
  const { console, progress = () => undefined } = ports;
  const runs = allRuns(archive);
  const findings: Finding[] = [];
  let bytes = 0;
  for (const [i, run] of runs.entries()) {
    progress(`${i} of ${counted(runs.length, 'run')}, ${formatSize(bytes as Bytes)} read`);
    const finding = await verifyOne(archive.disk, run, ports);
    bytes += finding.bytes;
    findings.push(finding);
    if (!options.json && isDamage(finding)) {
      progress('');
      console.write(`${finding.path}: ${finding.message}\n`);
    }
  }
  progress('');
  const damage = findings.filter(isDamage);
  const recording = findings.filter(({ kind }) => kind === 'recording').length;
  if (options.json) {
    const told = damage.map(({ kind, path, message }) => ({ kind, path, message }));
    console.write(`${JSON.stringify({ runs: runs.length, bytes, recording, findings: told })}\n`);
  } else console.write(`${summary(findings, { damage: damage.length, recording, bytes })}\n`);
  console.exit(damage.length + archive.failed.length === 0 ? 0 : 2);
}

/** Whatever is known of them. */
export function allRuns({ catalogue, unfinished }: ReadArchive): UnfinishedRun[] {
  const ended = [...catalogue.streams].flatMap((stream) => catalogue.of(stream).all.map((run) => ({ stream, run })));
  return [...ended, ...unfinished].sort((a, b) =>
    runPath(a.stream, a.run, 'media') < runPath(b.stream, b.run, 'media') ? -1 : 1,
  );
}

function isDamage({ kind }: Finding): boolean {
  return kind !== 'good' && kind !== 'recording';
}

async function verifyOne(disk: ArchiveDisk, of: UnfinishedRun, ports: ArchivePorts): Promise<Finding> {
  const path = runPath(of.stream, of.run, 'media');
  try {
    return { path, ...(await verdictOf(disk, of, ports)) };
  } catch (error) {
    return { path, kind: 'failed', message: reasonOf(error), bytes: 0 };
  }
}

async function verdictOf(
  disk: ArchiveDisk,
  of: UnfinishedRun,
  { checksums, clock }: ArchivePorts,
): Promise<Omit<Finding, 'path'>> {
  const media = await disk.open(runPath(of.stream, of.run, 'media'));
  if (media === undefined) return { kind: 'no-recording', message: 'there is only its index', bytes: 0 };
  try {
    const { bytes } = media;
    const index = await readFile(disk, runPath(of.stream, of.run, 'index'));
    if (index === undefined) return { kind: 'no-index', message: 'it has no index; repair makes one', bytes };
    const read = readIndex(index);
    if (read.kind === 'newer') {
      return { kind: 'newer', message: `its index is of version ${read.version}: not looked at`, bytes };
    }
    const verdict = await drive(verifyRun({ mediaBytes: bytes, index }, checksums), media);
    if (verdict.kind === 'good') return { kind: 'good', message: '', bytes };
    if (verdict.kind === 'unknown' || read.kind === 'spoilt') {
      const message = 'its index is not of this recording, or spoilt at its beginning; repair makes it anew';
      return { kind: 'damaged', message, bytes };
    }
    const isOpen = read.index.closing === undefined;
    if (isOpen && (await isBeingRecorded(disk, of, clock))) return { kind: 'recording', message: '', bytes };
    return { ...(isOpen ? withoutEnd(verdict.fragments) : changed(read.index, verdict.fragments)), bytes };
  } finally {
    await media.close();
  }
}

function withoutEnd(fragments: readonly number[]): Omit<Finding, 'path' | 'bytes'> {
  const torn = fragments.length === 0 ? '' : ` with ${counted(fragments.length, 'fragment')} torn`;
  return {
    kind: 'no-end',
    message: `it has no end: left by a crash${torn}; a start of its server, or repair, mends it`,
  };
}

/** Of a run that had an end. */
function changed(index: RunIndex, fragments: readonly number[]): Omit<Finding, 'path' | 'bytes'> {
  const [first, last] = [fragments[0], fragments.at(-1)];
  if (first === undefined || last === undefined) {
    return { kind: 'damaged', message: 'bytes were added to it, or to its index; repair looks at them' };
  }
  const when = `between ${moment(index.startOf(first) / 90)} and ${moment(index.endOf(last) / 90)}`;
  const message = `${fragments.length} of ${counted(index.count, 'fragment')} differ from what was recorded, ${when}`;
  return { kind: 'damaged', message };
}

function summary(
  findings: readonly Finding[],
  { damage, recording, bytes }: { readonly damage: number; readonly recording: number; readonly bytes: number },
): string {
  const read = `${counted(findings.length, 'run')}, ${formatSize(bytes as Bytes)} read`;
  const notes = recording === 0 ? '' : `; ${recording} being recorded`;
  return `${read}: ${damage === 0 ? 'all as it was recorded' : `${counted(damage, 'run')} damaged`}${notes}`;
}
