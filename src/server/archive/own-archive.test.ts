import { describe, expect, test } from 'vitest';
import { SimDisk } from '../../../test/sim/disk/sim-disk.ts';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import { recordedRun } from '../../../test/support/recorded-run.ts';
import { putRun } from '../../../test/support/recording.ts';
import { silentLog } from '../../../test/support/silent-log.ts';
import { nodeChecksums } from '../../adapters/disk/archive/node-checksums.ts';
import type { RunName } from '../../archive/layout/run-name.ts';
import { runPath } from '../../archive/layout/run-path.ts';
import { parseConfig } from '../../config/loading/load.ts';
import type { ArchiveFact } from '../../facts/archive-fact.ts';
import { incarnation, type ServerName, serverName, streamName } from '../../units/ids.ts';
import { type Ticks, ticks } from '../../units/ticks.ts';
import { unixMicros } from '../../units/time.ts';
import { ArchiveRoot } from './archive-root.ts';
import { OwnArchive } from './own-archive.ts';

const cam = streamName('cam');
const self = serverName('s01');
const life = incarnation(7);
const hour = 3_600 * 90_000;
const start = 1_800_000_000 * 90_000;

function stage(
  text = 'stream cam { url rtsp://h/a; dvr /a 7d 1G free=0%; }',
  options: { readonly disk?: SimDisk; readonly home?: ServerName } = {},
) {
  const clock = new ManualClock();
  const { disk = new SimDisk() } = options;
  const remembered = new Map<string, string>();
  const told: string[] = [];
  const moved: string[] = [];
  const time = { now: ticks(start) };
  let config = parseConfig(text, 'f').config?.streams ?? [];
  const archive = new OwnArchive({
    self,
    incarnation: life,
    clock,
    log: silentLog,
    streams: () => config,
    pathOf: (root) => root,
    openRoot: (root) =>
      new ArchiveRoot({
        root,
        disk,
        memory: {
          recall: async () => remembered.get(root),
          remember: async (name) => {
            remembered.set(root, name);
          },
        },
        newName: () => 'a1',
        checksums: nodeChecksums,
        server: self,
        incarnation: life,
        now: () => time.now,
        log: silentLog,
      }),
    home: () => options.home,
    clockInDoubt: () => false,
    write: ({ kind, message }) => told.push(`${kind}: ${message}`),
    moved: (stream) => moved.push(stream),
  });
  /** As the server does it again and again. */
  const look = async (retain = false): Promise<void> => {
    await archive.look(retain);
    await clock.advance(ms(0));
  };
  const use = (next: string): void => {
    config = parseConfig(next, 'f').config?.streams ?? [];
  };
  return { archive, clock, disk, told, moved, time, look, use };
}

/** The n-th run, an hour each. */
function runOf(n: number): { readonly name: RunName; readonly start: Ticks; readonly end: Ticks } {
  const from = start + n * hour;
  return {
    name: { startMs: from / 90, server: self, incarnation: life, ordinal: n + 1 },
    start: ticks(from),
    end: ticks(from + hour),
  };
}

function fact(n: number, state: Extract<ArchiveFact, { type: 'archive-run' }>['state'], bytes = 1_000): ArchiveFact {
  const { name: run, ...span } = runOf(n);
  return { type: 'archive-run', stream: cam, root: '/a', run, ...span, bytes, state };
}

const dropped = (from: number, to: number, why = 'ENOSPC'): ArchiveFact => {
  const drop = { start: ticks(start + from * 90_000), end: ticks(start + to * 90_000), fragments: 2, bytes: 10, why };
  return { type: 'archive-dropped', stream: cam, root: '/a', drops: [drop] };
};

const known = ({ archive }: ReturnType<typeof stage>) => archive.rootOf(cam)?.catalogue.of(cam).all ?? [];

describe('a root', () => {
  test('is opened before anything is recorded into it, and its streams are told then', async () => {
    const on = stage();
    expect(on.archive.placeOf(cam)).toBeUndefined();
    await on.look();
    expect(on.moved).toEqual([cam]);
    expect(on.archive.placeOf(cam)).toEqual({ root: '/a', server: self, incarnation: life });
    expect(await on.disk.list('')).toEqual(['.headwater-archive']);
    on.use('stream cam { url rtsp://h/a; }');
    expect(on.archive.placeOf(cam)).toBeUndefined();
  });

  test('whose disk is unmounted is told, once, and its return too', async () => {
    const on = stage();
    await on.look();
    await on.disk.remove('.headwater-archive');
    await on.look();
    await on.look();
    expect(on.told).toEqual(
      ['archive-away: the archive in /a takes nothing: disk-failed'].map(() =>
        expect.stringContaining("archive-away: the archive in /a takes nothing: the archive's marker"),
      ),
    );
    await on.disk.replace('.headwater-archive', new TextEncoder().encode('headwater archive a1\n'), { sync: true });
    await on.look();
    expect(on.told.slice(1)).toEqual(['archive-back: the archive in /a takes recordings again']);
  });

  test('where another archive lies takes nothing', async () => {
    const on = stage();
    await on.look();
    await on.disk.remove('.headwater-archive');
    await on.look();
    await on.disk.replace('.headwater-archive', new TextEncoder().encode('headwater archive b2\n'), { sync: true });
    await on.look();
    expect(on.archive.placeOf(cam)).toBeUndefined();
  });

  test('what earlier lives left there is listed, and mended', async () => {
    const disk = new SimDisk();
    const made = recordedRun({ fragments: 12 });
    const paths = { media: runPath(made.stream, made.run, 'media'), index: runPath(made.stream, made.run, 'index') };
    await disk.makeRoot();
    const cut = made.media.subarray(0, made.media.length - 5);
    await putRun(disk, paths, { media: cut, index: made.index.subarray(0, made.index.length - 70) });
    const own = made.run.server;
    const root = new ArchiveRoot({
      root: '/a',
      disk,
      memory: { recall: async () => undefined, remember: async () => undefined },
      newName: () => 'a1',
      checksums: nodeChecksums,
      server: own,
      incarnation: incarnation(made.run.incarnation + 1),
      now: () => ticks(start),
      log: silentLog,
    });
    await root.check();
    await root.load();
    expect(root.loaded).toBe(true);
    const [run] = root.catalogue.of(made.stream).all;
    expect(run).toMatchObject({ open: false, bytes: made.records[11]?.offset });
  });
});

describe('what workers tell', () => {
  test('is in the catalogue: a run that grows, and its end', async () => {
    const on = stage();
    await on.look();
    on.archive.onFact(fact(0, 'open', 500));
    expect(known(on)).toMatchObject([{ open: true, bytes: 500 }]);
    on.archive.onFact(fact(0, 'ended'));
    expect(known(on)).toMatchObject([{ open: false, bytes: 1_000, end: start + hour }]);
    on.archive.onFact(fact(1, 'open'));
    on.archive.onFact(fact(1, 'nothing'));
    expect(known(on)).toHaveLength(1);
    expect(on.archive.figures).toMatchObject([
      { root: '/a', open: true, runs: 1, bytes: 1_000, oldestSeconds: start / 90_000 },
    ]);
  });

  test('is told as intervals, cut to what was asked for', async () => {
    const on = stage();
    await on.look();
    for (const n of [0, 1, 3]) on.archive.onFact(fact(n, 'ended'));
    const [from, to] = [start / 90_000 + 1_800, start / 90_000 + 4 * 3_600].map((seconds) => unixMicros(seconds * 1e6));
    if (from === undefined || to === undefined) return;
    const hours = on.archive
      .intervals(cam, from, to)
      .map((one) => [(one.from - from) / 3.6e9, (one.to - from) / 3.6e9]);
    expect(hours).toEqual([
      [0, 1.5],
      [2.5, 3.5],
    ]);
    expect(on.archive.intervals(streamName('other'), from, to)).toEqual([]);
  });

  test('of a worker that died is nothing more: its run is looked after', async () => {
    const on = stage();
    await on.look();
    on.archive.onFact(fact(0, 'open'));
    await on.clock.advance(ms(119_000));
    await on.look();
    expect(known(on)).toHaveLength(1);
    await on.clock.advance(ms(2_000));
    await on.look();
    // There are no files of it.
    expect(known(on)).toEqual([]);
  });

  test('is not recorded: told once when it begins, and with all its times when it is over', async () => {
    const on = stage();
    await on.look();
    on.archive.onFact(dropped(10, 12));
    on.archive.onFact(dropped(12, 14));
    on.archive.onFact(dropped(20, 21));
    on.archive.onFact(fact(0, 'open'));
    expect(on.told).toEqual([
      'archive-away: the archive in /a takes nothing: the disk is full',
      'not-recorded: 5.0 s of cam are not in the archive, from 2027-01-15T08:00:10.000Z to 2027-01-15T08:00:21.000Z: the disk is full',
      'archive-back: the archive in /a takes recordings again',
    ]);
    expect(on.archive.figures).toMatchObject([{ droppedSeconds: 5 }]);
  });

  test('is not recorded, and is captured elsewhere then', async () => {
    const on = stage();
    await on.look();
    on.archive.onFact(dropped(10, 12));
    await on.clock.advance(ms(61_000));
    await on.look();
    expect(on.told.map((line) => line.split(':')[0])).toEqual(['archive-away', 'not-recorded', 'archive-back']);
  });
});

/** With its files, in which nothing is. */
async function recorded({ archive, disk }: ReturnType<typeof stage>, runs: number): Promise<void> {
  for (let n = 0; n < runs; n++) {
    for (const kind of ['media', 'index'] as const)
      await (await disk.create(runPath(cam, runOf(n).name, kind))).close();
    archive.onFact(fact(n, 'ended'));
  }
}

describe('retention', () => {
  test('takes what is too old, with its files, and leaves the rest', async () => {
    const on = stage('stream cam { url rtsp://h/a; dvr /a 2h free=0%; }');
    await on.look();
    await recorded(on, 4);
    on.time.now = ticks(start + 4 * hour);
    await on.look(true);
    expect(known(on).map((run) => run.ordinal)).toEqual([3, 4]);
    expect(await on.disk.look(runPath(cam, runOf(1).name, 'media'))).toBeUndefined();
    expect(await on.disk.look('cam/deleted-until')).toBeDefined();
    expect(on.told).toEqual([]);
  });

  test('passes over what is read, and follows a reload', async () => {
    const on = stage('stream cam { url rtsp://h/a; dvr /a free=0%; }');
    await on.look();
    await recorded(on, 3);
    on.time.now = ticks(start + 30 * hour);
    await on.look(true);
    expect(known(on)).toHaveLength(3);
    on.archive.holds.read(cam, runOf(0).name, on.clock.monotonic());
    on.use('stream cam { url rtsp://h/a; dvr /a 1h free=0%; }');
    await on.look(true);
    expect(known(on).map((run) => run.ordinal)).toEqual([1, 3]);
  });

  test('that takes what the home does not have is told', async () => {
    const on = stage('stream cam { url rtsp://h/a; dvr /a 1h free=0%; }', { home: serverName('s02') });
    await on.look();
    await recorded(on, 2);
    on.time.now = ticks(start + 30 * hour);
    await on.look(true);
    expect(on.told).toEqual(['archive-lost: retention took 1 recording of cam in /a that the home does not have']);
  });
});
