/** An archive of hours, as recorders leave it: what a start reads of it is real, the media and most of the records are holes in files. */
import { closeSync, ftruncateSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { encodeClosing } from '../../src/archive/index/closing.ts';
import { encodeHeader, headerChecksum } from '../../src/archive/index/header.ts';
import { encodeRecord, recordBytes } from '../../src/archive/index/record.ts';
import type { RunName } from '../../src/archive/layout/run-name.ts';
import { runPath } from '../../src/archive/layout/run-path.ts';
import { incarnation, type StreamName, serverName, streamName } from '../../src/units/ids.ts';
import { ticks } from '../../src/units/ticks.ts';

const hourMs = 3_600_000;
const server = serverName('s01.example.com');
/** Two fragments a second. */
const fragments = 7_200;
/** 4.2 Mbit/s. */
const fragmentBytes = 262_500;
const initBytes = 1_400;
const runBytes = initBytes + fragments * fragmentBytes;

export interface Tree {
  readonly streams: readonly StreamName[];
  /** UTC of its first hour and of the end of its last. */
  readonly fromMs: number;
  readonly toMs: number;
}

export function makeTree(root: string, of: { readonly streams: number; readonly days: number; toMs: number }): Tree {
  const streams = Array.from({ length: of.streams }, (_, i) => streamName(`cam${String(i + 1).padStart(3, '0')}`));
  const fromMs = of.toMs - of.days * 24 * hourMs;
  for (const stream of streams) {
    for (let i = 0; i < of.days * 24; i++) makeRun(root, stream, runOf(fromMs + i * hourMs, i + 1));
  }
  return { streams, fromMs, toMs: of.toMs };
}

export function runOf(startMs: number, ordinal: number): RunName {
  return { startMs, server, incarnation: incarnation(1_788_000_000_000), ordinal };
}

function makeRun(root: string, stream: StreamName, run: RunName): void {
  const [media, index] = (['media', 'index'] as const).map((kind) => join(root, runPath(stream, run, kind)));
  const start = ticks(run.startMs * 90);
  const end = ticks(start + hourMs * 90);
  const closing = { bytes: runBytes, start, end, digest: '00'.repeat(32), reason: 'hour', holes: false } as const;
  mkdirSync(dirname(media ?? ''), { recursive: true });
  withNew(media ?? '', (file) => ftruncateSync(file, runBytes));
  withNew(index ?? '', (file) =>
    writeSync(file, encodeClosing(closing), 0, recordBytes, headerOf(stream, run).length + fragments * recordBytes),
  );
}

/** Every record of it, in place of an index that has but an end. */
export function fillIndex(root: string, stream: StreamName, run: RunName): void {
  const header = headerOf(stream, run);
  const seed = headerChecksum(header);
  const records = Array.from({ length: fragments }, (_, i) =>
    encodeRecord(
      {
        offset: initBytes + i * fragmentBytes,
        length: fragmentBytes,
        start: ticks(run.startMs * 90 + i * 45_000),
        duration: ticks(45_000),
        segment: i >> 2,
        beginsSegment: i % 4 === 0,
        keyframe: i % 4 === 0,
        durable: i,
        hash: i % 4 === 0 ? '0123456789abcdef' : '',
        shift: ticks(0),
        checksum: 0,
      },
      seed,
    ),
  );
  writeFileSync(join(root, runPath(stream, run, 'index')), Buffer.concat([header, ...records]), { flag: 'r+' });
}

function headerOf(stream: StreamName, run: RunName): Uint8Array {
  const tracks = [{ id: 1, timescale: 90_000, origin: ticks(run.startMs * 90) }];
  return encodeHeader({
    stream,
    server,
    incarnation: run.incarnation,
    init: { length: initBytes, checksum: 0 },
    tracks,
  });
}

function withNew(path: string, write: (file: number) => void): void {
  const file = openSync(path, 'wx');
  write(file);
  closeSync(file);
}
