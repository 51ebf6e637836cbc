import type { ArchivedRun } from '../../../archive/catalogue/archived-run.ts';
import { heldRuns } from '../../../archive/catalogue/held-runs.ts';
import { type Interval, intervals } from '../../../archive/catalogue/intervals.ts';
import { formatRunName } from '../../../archive/layout/run-name.ts';
import { runPath } from '../../../archive/layout/run-path.ts';
import type { Span } from '../../../archive/span/span.ts';
import { readRun } from '../../../archive/store/read-day.ts';
import { type StreamName, serverName } from '../../../units/ids.ts';
import { type Bytes, formatSize } from '../../../units/size.ts';
import { ticks } from '../../../units/ticks.ts';
import { counted } from '../../terminal/counted.ts';
import { moment, span, table } from '../../terminal/table.ts';
import { type ArchivePorts, type ReadArchive, readArchive } from './folder.ts';

export interface ListOptions {
  readonly runs?: boolean;
  readonly json?: boolean;
}

/** What lies in an archive of a stream. */
interface Listed {
  readonly stream: StreamName;
  readonly runs: readonly ArchivedRun[];
  readonly intervals: readonly Interval[];
  readonly bytes: number;
}

/** `headwater archive list ROOT [STREAM]` */
export async function list(
  root: string,
  stream: string | undefined,
  options: ListOptions,
  ports: ArchivePorts,
): Promise<void> {
  const archive = await readArchive(root, stream, ports);
  if (archive === undefined) return;
  const unreadable = await addUnfinished(archive);
  const all = [...archive.catalogue.streams].sort().map((name) => listed(archive, name));
  if (options.json) ports.console.write(`${JSON.stringify({ streams: all.map(json), unreadable })}\n`);
  else ports.console.write(`${text(all, { stream, ...options })}${summary(all, unreadable)}\n`);
  ports.console.exit(archive.failed.length === 0 ? 0 : 2);
}

/** As far as their indexes go; returns how many have none that can be read. */
async function addUnfinished({ disk, catalogue, unfinished }: ReadArchive): Promise<number> {
  let unreadable = 0;
  for (const { stream, run, mediaBytes } of unfinished) {
    const found = mediaBytes === undefined ? undefined : await readRun(disk, stream, run);
    if (found === undefined || found.end === found.start) unreadable += 1;
    else catalogue.put(stream, { ...found, open: true });
  }
  return unreadable;
}

function listed({ catalogue }: ReadArchive, stream: StreamName): Listed {
  const { all: runs, bytes } = catalogue.of(stream);
  const starts = runs.map(({ start }) => start);
  const within = { start: ticks(Math.min(...starts)), end: ticks(Math.max(...runs.map(({ end }) => end))) };
  const held = heldRuns([{ holder: serverName(''), runs }]);
  return { stream, runs, bytes, intervals: intervals(held, within) };
}

function json({ stream, runs, bytes, intervals: stretches }: Listed): object {
  return {
    name: stream,
    bytes,
    intervals: stretches.map((one) => ({ ...timesMs(one), bytes: one.bytes })),
    runs: runs.map((run) => ({
      name: formatRunName(run),
      path: runPath(stream, run, 'media'),
      server: run.server,
      ...timesMs(run),
      bytes: run.bytes,
      ended: !run.open,
    })),
  };
}

function timesMs({ start, end }: Span): { readonly fromMs: number; readonly toMs: number } {
  return { fromMs: Math.round(start / 90), toMs: Math.round(end / 90) };
}

function text(all: readonly Listed[], options: ListOptions & { readonly stream: string | undefined }): string {
  if (all.length === 0) return '';
  if (options.runs) {
    const rows = all.flatMap(({ stream, runs }) => runs.map((run) => [...bounds(run), runPath(stream, run, 'media')]));
    return table(['FROM (UTC)', 'TO (UTC)', 'LENGTH', 'SIZE', 'RECORDING'], rows);
  }
  if (options.stream !== undefined) {
    const rows = all.flatMap(({ intervals: stretches }) => stretches.map(bounds));
    return table(['FROM (UTC)', 'TO (UTC)', 'LENGTH', 'SIZE'], rows);
  }
  return table(['STREAM', 'RUNS', 'FROM (UTC)', 'TO (UTC)', 'RECORDED', 'GAPS', 'SIZE'], all.map(overview));
}

function overview({ stream, runs, intervals: stretches, bytes }: Listed): string[] {
  const [first, last] = [stretches[0], stretches.at(-1)];
  const recorded = stretches.reduce((sum, { start, end }) => sum + end - start, 0);
  return [
    stream,
    String(runs.length),
    first === undefined ? '-' : moment(first.start / 90),
    last === undefined ? '-' : moment(last.end / 90),
    span(recorded / 90),
    String(Math.max(0, stretches.length - 1)),
    formatSize(bytes as Bytes),
  ];
}

function bounds({ start, end, bytes }: Span & { readonly bytes: number }): string[] {
  return [moment(start / 90), moment(end / 90), span((end - start) / 90), formatSize(bytes as Bytes)];
}

function summary(all: readonly Listed[], unreadable: number): string {
  const runs = all.flatMap(({ runs: of }) => of);
  const size = formatSize(all.reduce((sum, { bytes }) => sum + bytes, 0) as Bytes);
  const open = runs.filter((run) => run.open).length;
  const notes = [
    open === 0 ? '' : `; ${counted(open, 'run')} without an end: being recorded, or left by a crash`,
    unreadable === 0 ? '' : `; ${counted(unreadable, 'run')} that only repair can read`,
  ];
  return `${counted(all.length, 'stream')}, ${counted(runs.length, 'run')}, ${size}${notes.join('')}`;
}
