// Where files lie below the root of an archive:
//
//   <stream>/YYYY/MM/DD/HH/<run>.mp4    the recording; hours in UTC, of the run's start
//   <stream>/YYYY/MM/DD/HH/<run>.idx    its index
//   <stream>/YYYY/MM/DD.runs            what all indexes of a day say of their ends, to start by
//   <stream>/incoming/<run>.mp4, .idx   what is being fetched from another server; no runs yet
//   <stream>/deleted-until              what retention took
//   .headwater-archive                  the marker: this is an archive's root, and its disk is mounted
import { type StreamName, streamName } from '../../units/ids.ts';
import { formatRunName, parseRunName, type RunName } from './run-name.ts';
import { readSafeName, safeName } from './safe-name.ts';

const endings = { media: '.mp4', index: '.idx' } as const;
/** The recording itself, or its index. */
export type RunFileKind = keyof typeof endings;

export interface RunFileName {
  readonly stream: StreamName;
  readonly run: RunName;
  readonly kind: RunFileKind;
}

/** The folder of a stream, a single one also when the name has slashes. */
export function streamFolder(stream: StreamName): string {
  return safeName(stream);
}

/** Undefined for a folder that is no stream's. */
export function parseStreamFolder(folder: string): StreamName | undefined {
  const name = readSafeName(folder);
  return name === undefined ? undefined : streamName(name);
}

/** `YYYY/MM/DD/HH` of a time in UTC milliseconds. */
export function hourFolder(startMs: number): string {
  return new Date(startMs).toISOString().slice(0, 13).replace(/[-T]/g, '/');
}

/** Relative to the archive's root. */
export function runPath(stream: StreamName, run: RunName, kind: RunFileKind): string {
  return `${runFolder(stream, run)}/${formatRunName(run)}${endings[kind]}`;
}

/** The folder of the hour that it lies in. */
export function runFolder(stream: StreamName, run: RunName): string {
  return `${streamFolder(stream)}/${hourFolder(run.startMs)}`;
}

/** What a path below the archive's root is; undefined for anything that `runPath` never makes, wherever it comes from. */
export function parseRunPath(path: string): RunFileName | undefined {
  const kind = path.endsWith(endings.media) ? 'media' : 'index';
  const [folder = '', file = ''] = [path.slice(0, path.indexOf('/')), path.slice(path.lastIndexOf('/') + 1)];
  const stream = parseStreamFolder(folder);
  const run = parseRunName(file.slice(0, -endings[kind].length));
  if (stream === undefined || run === undefined || runPath(stream, run, kind) !== path) return undefined;
  return { stream, run, kind };
}

/** While it is fetched from another server. The folder is none of a year's: nobody takes what lies in it for a run. */
export function incomingPath(stream: StreamName, run: RunName, kind: RunFileKind): string {
  return `${incomingFolder(stream)}/${formatRunName(run)}${endings[kind]}`;
}

export function incomingFolder(stream: StreamName): string {
  return `${streamFolder(stream)}/incoming`;
}

export function watermarkPath(stream: StreamName): string {
  return `${streamFolder(stream)}/deleted-until`;
}

/** A day of a stream: `<stream>/YYYY/MM/DD`, and what its indexes say, in short (store/day-summary.ts). */
export function summaryPath(dayFolder: string): string {
  return `${dayFolder}.runs`;
}

/** The folder of the day that a run lies in. */
export function dayFolder(stream: StreamName, startMs: number): string {
  return `${streamFolder(stream)}/${hourFolder(startMs).slice(0, -3)}`;
}

/** What takes the place of a file when it is whole; a crash may leave it. */
export function draftPath(path: string): string {
  return `${path}.new`;
}

/** No stream's folder begins with a dot. */
export const markerPath = '.headwater-archive';
