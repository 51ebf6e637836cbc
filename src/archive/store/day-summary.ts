// What the indexes of one day of a stream say of their ends, so that a start reads one file instead of each. Text:
//
//   headwater-day 1
//   folder - <stamp>                    the day's folder
//   folder HH <stamp>                   each folder of an hour in it
//   run <run> <start> <end> <bytes> [<start>-<end> …]     90 kHz UTC; the parts of one with holes
//   end <CRC-32 of all before this line, 8 hexadecimal digits>
//
// It holds for as long as the stamps are those of the folders: nothing was added or removed. Only a copy: it may be deleted at any time.
import { ticks } from '../../units/ticks.ts';
import { type ArchivedRun, closedRun } from '../catalogue/archived-run.ts';
import { crc32 } from '../index/crc32.ts';
import { formatRunName, parseRunName } from '../layout/run-name.ts';
import type { Span } from '../span/span.ts';

export interface DaySummary {
  /** Of the day's folder, and by the names of those of its hours. */
  readonly stamp: string;
  readonly hours: ReadonlyMap<string, string>;
  /** All are ended. */
  readonly runs: readonly ArchivedRun[];
}

const title = 'headwater-day 1';

export function renderSummary({ stamp, hours, runs }: DaySummary): Uint8Array {
  const lines = [
    title,
    `folder - ${stamp}`,
    ...[...hours].map(([hour, of]) => `folder ${hour} ${of}`),
    ...runs.map((run) =>
      ['run', formatRunName(run), run.start, run.end, run.bytes, ...(run.spans ?? []).map(spanText)].join(' '),
    ),
  ];
  const text = `${lines.join('\n')}\n`;
  return new TextEncoder().encode(`${text}end ${checksumText(new TextEncoder().encode(text))}\n`);
}

/** Undefined for anything that `renderSummary` did not make whole, and for a later version's. */
export function parseSummary(bytes: Uint8Array): DaySummary | undefined {
  const text = new TextDecoder().decode(bytes);
  const endAt = text.lastIndexOf('\nend ') + 1;
  if (!text.startsWith(`${title}\n`) || text.slice(endAt) !== `end ${checksumText(bytes.subarray(0, endAt))}\n`) {
    return undefined;
  }
  const hours = new Map<string, string>();
  const runs: ArchivedRun[] = [];
  let stamp = '';
  for (const line of text.slice(0, endAt).split('\n').slice(1)) {
    const [kind, name = '', ...rest] = line.split(' ');
    if (kind === 'run') {
      const run = readRun(name, rest);
      if (run === undefined) return undefined;
      runs.push(run);
    } else if (name === '-') stamp = rest[0] ?? '';
    else if (kind === 'folder') hours.set(name, rest[0] ?? '');
  }
  return { stamp, hours, runs };
}

function readRun(text: string, [start, end, bytes, ...parts]: readonly string[]): ArchivedRun | undefined {
  const name = parseRunName(text);
  if (name === undefined) return undefined;
  const run = closedRun(name, { start: ticks(Number(start)), end: ticks(Number(end)), bytes: Number(bytes) });
  return parts.length === 0 ? run : { ...run, spans: parts.map(readSpan) };
}

function spanText({ start, end }: Span): string {
  return `${start}-${end}`;
}

function readSpan(text: string): Span {
  const [start, end] = text.split('-').map(Number);
  return { start: ticks(start ?? 0), end: ticks(end ?? 0) };
}

function checksumText(bytes: Uint8Array): string {
  return crc32(bytes).toString(16).padStart(8, '0');
}
