import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { SimDisk } from '../../../test/sim/disk/sim-disk.ts';
import { type RecordedRun, recordedRun, someStart } from '../../../test/support/recorded-run.ts';
import { putRun } from '../../../test/support/recording.ts';
import { NodeArchiveDisk } from '../../adapters/disk/archive/node-archive-disk.ts';
import { nodeChecksums } from '../../adapters/disk/archive/node-checksums.ts';
import { streamName } from '../../units/ids.ts';
import { type Ticks, ticks } from '../../units/ticks.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { ArchiveDisk } from '../disk/archive-disk.ts';
import { readFile } from '../disk/read-file.ts';
import { recordBytes } from '../index/record.ts';
import { formatRunName } from '../layout/run-name.ts';
import { dayFolder, draftPath, runPath, summaryPath, watermarkPath } from '../layout/run-path.ts';
import { deleteRuns } from './delete-runs.ts';
import { openRoot } from './open-root.ts';
import { recoverFound } from './recover-found.ts';
import { summarize } from './summarize.ts';
import { walkArchive } from './walk.ts';
import { Watermarks } from './watermarks.ts';

const folder = mkdtempSync(join(tmpdir(), 'headwater-archive-store-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let roots = 0;

const hour = 3_600 * 90_000;
const memory = { recall: async () => undefined, remember: async () => undefined };
/** Of three fragments. */
const runAt = (hours: number, of: Partial<Parameters<typeof recordedRun>[0]> = {}): RecordedRun =>
  recordedRun({ fragments: 3, start: someStart + hours * hour, ordinal: hours + 1, ...of });
const pathsOf = ({ stream, run }: RecordedRun): { readonly media: string; readonly index: string } => ({
  media: runPath(stream, run, 'media'),
  index: runPath(stream, run, 'index'),
});
const later = ticks(someStart + 100 * hour);

async function put(disk: ArchiveDisk, ...runs: readonly RecordedRun[]): Promise<void> {
  for (const run of runs) await putRun(disk, pathsOf(run), run);
}

/** A machine's stamps are times, of a clock that steps every few milliseconds. */
async function untilTheClockSteps(disk: ArchiveDisk, path: string, before: string | undefined): Promise<void> {
  while ((await disk.stamp(path)) === before) {
    await disk.replace(`${path}/note.txt`, new Uint8Array(0), { sync: false });
    await disk.remove(`${path}/note.txt`);
  }
}

function listed(catalogue: Catalogue): string[] {
  return [...catalogue.streams].sort().flatMap((name) => catalogue.of(name).all.map(formatRunName));
}

async function summarizeAll(disk: ArchiveDisk, now: Ticks): Promise<number> {
  let count = 0;
  for (const day of (await walkArchive(disk)).unsummarized) if (await summarize(disk, day, now)) count += 1;
  return count;
}

describe.each<{ name: string; make: () => ArchiveDisk }>([
  { name: 'the machine', make: () => new NodeArchiveDisk(join(folder, String(++roots))) },
  { name: 'the simulator', make: () => new SimDisk() },
])('an archive on $name', ({ make }) => {
  async function opened(): Promise<ArchiveDisk> {
    const disk = make();
    expect(await openRoot(disk, memory, () => 'a1')).toEqual({ kind: 'open', name: 'a1', made: true });
    return disk;
  }

  test('is listed from its files', async () => {
    const disk = await opened();
    const holed = recordedRun({ fragments: 3, start: someStart + 5 * hour, ordinal: 6, stream: 'site/gate' });
    const runs = [runAt(0), runAt(1), runAt(30), holed];
    await put(disk, ...runs);
    const left = runAt(31);
    await putRun(disk, pathsOf(left), { media: left.media, index: left.index.subarray(0, -recordBytes) });
    const lone = runAt(32);
    await putRun(disk, pathsOf(lone), { index: lone.index });
    await disk.replace(`${dayFolder(left.stream, left.run.startMs)}/note.txt`, new Uint8Array(1), { sync: false });
    await disk.replace(pathsOf(left).media.replace(/[^/]*$/, 'note.txt'), new Uint8Array(1), { sync: false });
    const walked = await walkArchive(disk);
    expect(listed(walked.catalogue)).toEqual(runs.map(({ run }) => formatRunName(run)));
    const first = walked.catalogue.of(streamName('cam01')).all[0];
    expect(first).toMatchObject({ start: someStart, bytes: runs[0]?.media.length, open: false });
    const unfinished = walked.unfinished.map(({ run }) => formatRunName(run)).sort();
    expect(unfinished).toEqual([left, lone].map(({ run }) => formatRunName(run)));
    expect(walked.foreign).toBe(1);
    expect(listed((await walkArchive(disk, [streamName('site/gate')])).catalogue)).toHaveLength(1);
  });

  test('is listed the same from the summaries of its days, until something changes', async () => {
    const disk = await opened();
    const [first, second, third] = [runAt(0), runAt(1), runAt(50)];
    await put(disk, first, second, third);
    const before = await walkArchive(disk);
    expect(before.unsummarized).toHaveLength(2);
    expect(await summarizeAll(disk, ticks(someStart + 26 * hour))).toBe(1);
    const stampBefore = await disk.stamp(pathsOf(second).media.replace(/\/[^/]*$/, ''));
    const after = await walkArchive(disk);
    expect(after.unsummarized).toHaveLength(1);
    expect([...after.catalogue.of(first.stream).all]).toEqual([...before.catalogue.of(first.stream).all]);
    await disk.remove(pathsOf(second).media);
    await untilTheClockSteps(disk, pathsOf(second).media.replace(/\/[^/]*$/, ''), stampBefore);
    const changed = await walkArchive(disk);
    expect(changed.unsummarized).toHaveLength(2);
    expect(listed(changed.catalogue)).toEqual([first, third].map(({ run }) => formatRunName(run)));
    expect(changed.unfinished).toHaveLength(1);
  });

  test('a summary that is torn is none', async () => {
    const disk = await opened();
    await put(disk, runAt(0), runAt(1));
    expect(await summarizeAll(disk, later)).toBe(1);
    const path = summaryPath(dayFolder(runAt(0).stream, runAt(0).run.startMs));
    const good = (await readFile(disk, path)) ?? new Uint8Array(0);
    for (const bytes of [good.subarray(0, -1), good.subarray(0, 100), Uint8Array.from([...good, 10])]) {
      await disk.replace(path, bytes, { sync: false });
      expect((await walkArchive(disk)).unsummarized).toHaveLength(1);
    }
    const bit = good.slice();
    bit[90] = (bit[90] ?? 0) ^ 1;
    await disk.replace(path, bit, { sync: false });
    const walked = await walkArchive(disk);
    expect([walked.unsummarized.length, listed(walked.catalogue).length]).toEqual([1, 2]);
  });

  test('a day into which something may still be recorded is not summarized', async () => {
    const disk = await opened();
    const left = runAt(0);
    await putRun(disk, pathsOf(left), { media: left.media });
    expect(await summarizeAll(disk, later)).toBe(0);
    const today = runAt(80);
    await put(disk, today);
    expect(await summarizeAll(disk, ticks(someStart + 81 * hour))).toBe(0);
  });

  test('loses what retention takes, folders and all, and knows how far that went', async () => {
    const disk = await opened();
    const runs = [runAt(0), runAt(1), runAt(30), runAt(31)];
    await put(disk, ...runs);
    await summarizeAll(disk, later);
    for (const path of [pathsOf(runAt(0)).index, summaryPath(dayFolder(runAt(0).stream, runAt(0).run.startMs))]) {
      await disk.replace(draftPath(path), new Uint8Array(9), { sync: false });
    }
    const { catalogue } = await walkArchive(disk);
    const [stream, all] = [runAt(0).stream, [...catalogue.of(runAt(0).stream).all]];
    const watermarks = new Watermarks(disk);
    const ports = { disk, catalogue, watermarks, now: () => later };
    const done = await deleteRuns(
      all.slice(0, 3).map((run) => ({ stream, run })),
      ports,
    );
    expect(done.map(({ error }) => error)).toEqual([undefined, undefined, undefined]);
    expect(listed(catalogue)).toEqual([formatRunName(runAt(31).run)]);
    const again = await walkArchive(disk);
    expect([listed(again.catalogue), again.unfinished]).toEqual([listed(catalogue), []]);
    expect(await disk.list(dayFolder(stream, runAt(0).run.startMs))).toBeUndefined();
    const month = dayFolder(stream, runAt(0).run.startMs).slice(0, -3);
    expect([...((await disk.list(month)) ?? [])].sort()).toEqual(['02', '02.runs']);
    expect(await new Watermarks(disk).of(stream)).toBeGreaterThanOrEqual(all[2]?.end ?? Number.POSITIVE_INFINITY);
    expect(await disk.list(stream)).toContain('deleted-until');
  });

  test('keeps the folder of an hour that may still be recorded into', async () => {
    const disk = await opened();
    await put(disk, runAt(0));
    const { catalogue } = await walkArchive(disk);
    const [stream, run] = [runAt(0).stream, catalogue.of(runAt(0).stream).all[0]];
    if (run === undefined) throw new Error('there is one');
    const now = (): Ticks => ticks(someStart + hour);
    await deleteRuns([{ stream, run }], { disk, catalogue, watermarks: new Watermarks(disk), now });
    expect(await disk.list(pathsOf(runAt(0)).media.replace(/\/[^/]*$/, ''))).toEqual([]);
  });

  test('ends what an earlier life left, and leaves alone what another server may be recording', async () => {
    const disk = await opened();
    const [own, others, lone, empty] = [runAt(0), runAt(1, { server: 's02' }), runAt(2), runAt(3)];
    const unclosed = own.index.subarray(0, -recordBytes - 5);
    await putRun(disk, pathsOf(own), { media: own.media.subarray(0, -7), index: unclosed });
    await putRun(disk, pathsOf(others), { media: others.media, index: others.index.subarray(0, -recordBytes) });
    await putRun(disk, pathsOf(lone), { index: lone.index });
    await putRun(disk, pathsOf(empty), { media: empty.media.subarray(0, 50) });
    const { catalogue, unfinished } = await walkArchive(disk);
    const told: string[] = [];
    const ports = { disk, catalogue, checksums: nodeChecksums, server: own.run.server };
    for await (const { outcome } of recoverFound(unfinished, ports)) told.push(outcome.kind);
    expect(told).toEqual(['empty', 'gone', 'elsewhere', 'repair']);
    expect(catalogue.of(own.stream).all.map(({ open }) => open)).toEqual([false, true]);
    const again = await walkArchive(disk);
    expect(again.unfinished.map(({ run }) => run.server)).toEqual(['s02']);
    expect(again.catalogue.of(own.stream).all).toEqual([catalogue.of(own.stream).all[0]]);
    expect(await disk.look(pathsOf(others).media)).toMatchObject({ bytes: others.media.length });
  });
});

test('a folder that can not be read is told, and what lies elsewhere is listed', async () => {
  const disk = new SimDisk();
  await openRoot(disk, memory, () => 'a1');
  const [first, second] = [runAt(0), runAt(30)];
  await put(disk, first, second);
  const day = dayFolder(first.stream, first.run.startMs);
  for (const unreadable of [day, `${day}/${pathsOf(first).media.split('/').at(-2)}`]) {
    disk.faults = { unreadable };
    const { catalogue, failed } = await walkArchive(disk);
    expect(listed(catalogue)).toEqual([formatRunName(second.run)]);
    expect(failed).toMatchObject([{ path: day, error: { code: 'disk-failed' } }]);
  }
  disk.faults = { unreadable: first.stream };
  expect((await walkArchive(disk)).failed).toMatchObject([{ path: first.stream }]);
});

describe('a root', () => {
  /** As a state_dir would. */
  function remembering(): Parameters<typeof openRoot>[1] {
    let kept: string | undefined;
    return {
      recall: async () => kept,
      remember: async (name) => {
        kept = name;
      },
    };
  }

  test('is made at first use, and known again', async () => {
    const [disk, memory] = [new SimDisk(), remembering()];
    expect(await openRoot(disk, memory, () => 'a1')).toEqual({ kind: 'open', name: 'a1', made: true });
    expect(await openRoot(disk, memory, () => 'a2')).toEqual({ kind: 'open', name: 'a1', made: false });
    expect(await openRoot(disk, remembering(), () => 'a3')).toEqual({ kind: 'open', name: 'a1', made: false });
  });

  test('whose disk is not mounted gets nothing, not even a folder', async () => {
    const memory = remembering();
    await openRoot(new SimDisk(), memory, () => 'a1');
    const bare = new SimDisk();
    expect(await openRoot(bare, memory, () => 'a2')).toEqual({ kind: 'missing-marker' });
    expect(bare.changes).toBe(0);
    const mountPoint = new SimDisk();
    await mountPoint.makeRoot();
    expect(await openRoot(mountPoint, memory, () => 'a2')).toEqual({ kind: 'missing-marker' });
    expect(await mountPoint.list('')).toEqual([]);
  });

  test('with another archive in it is told, and an empty marker says that it is wanted', async () => {
    const memory = remembering();
    await openRoot(new SimDisk(), memory, () => 'a1');
    const swapped = new SimDisk();
    await openRoot(swapped, remembering(), () => 'a2');
    const told = { kind: 'other-archive', name: 'a2', expected: 'a1' };
    expect(await openRoot(swapped, memory, () => 'a3')).toEqual(told);
    await swapped.replace('.headwater-archive', new Uint8Array(0), { sync: true });
    expect(await openRoot(swapped, memory, () => 'a3')).toEqual({ kind: 'open', name: 'a3', made: true });
    expect(await memory.recall()).toBe('a3');
  });

  test('that is read-only is told', async () => {
    const [disk, memory] = [new SimDisk(), remembering()];
    await openRoot(disk, memory, () => 'a1');
    disk.faults = { writes: 'EROFS' };
    expect(await openRoot(disk, memory, () => 'a2')).toEqual({ kind: 'not-writable', code: 'EROFS' });
  });

  test('whose server dies between marker and memory is known at the next start', async () => {
    const disk = new SimDisk();
    const forgetful = { recall: async () => undefined, remember: () => Promise.reject(new Error('dead')) };
    await expect(openRoot(disk, forgetful, () => 'a1')).rejects.toThrow('dead');
    expect(await openRoot(disk, remembering(), () => 'a2')).toMatchObject({ kind: 'open', name: 'a1' });
  });
});

describe('a deletion', () => {
  test('that is cut short by a loss of power anywhere leaves whole runs, and what a start removes', async () => {
    const dice = fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 12 }), dice, async (steps, rolls) => {
        const disk = new SimDisk();
        await openRoot(disk, memory, () => 'a1');
        await put(disk, runAt(0), runAt(1));
        const { catalogue } = await walkArchive(disk);
        const [stream, all] = [runAt(0).stream, [...catalogue.of(runAt(0).stream).all]];
        disk.stopAfter = disk.changes + steps;
        const watermarks = new Watermarks(disk);
        await deleteRuns(
          all.map((run) => ({ stream, run })),
          { disk, catalogue, watermarks, now: () => later },
        );
        const found = disk.rebooted(() => rolls.next().value);
        const walked = await walkArchive(found);
        const until = (await new Watermarks(found).of(stream)) ?? 0;
        const ports = {
          disk: found,
          catalogue: walked.catalogue,
          checksums: nodeChecksums,
          server: runAt(0).run.server,
        };
        for await (const { outcome } of recoverFound(walked.unfinished, ports)) {
          expect(['gone', 'repair']).toContain(outcome.kind);
        }
        const again = await walkArchive(found);
        expect(again.unfinished).toEqual([]);
        // Whatever is missing was below the watermark before.
        const kept = new Set(listed(again.catalogue));
        for (const run of all) if (!kept.has(formatRunName(run))) expect(run.end).toBeLessThanOrEqual(until);
      }),
      { numRuns: 200 },
    );
  });

  test('of which a part fails goes on with the rest, and the catalogue says what is there', async () => {
    const disk = new SimDisk();
    await openRoot(disk, memory, () => 'a1');
    await put(disk, runAt(0), runAt(1));
    const { catalogue } = await walkArchive(disk);
    const doomed = catalogue.of(runAt(0).stream).all.map((run) => ({ stream: runAt(0).stream, run }));
    const ports = { disk, catalogue, watermarks: new Watermarks(disk), now: () => later };
    disk.faults = { writes: 'EROFS' };
    const failed = await deleteRuns(doomed, ports);
    expect(failed).toMatchObject([{ error: { code: 'disk-failed' } }, { error: { code: 'disk-failed' } }]);
    expect(listed(catalogue)).toHaveLength(2);
    disk.faults = {};
    await disk.remove('.headwater-archive');
    expect(await deleteRuns(doomed, ports)).toMatchObject([{ error: { detail: { code: 'unmounted' } } }, {}]);
    expect(listed(catalogue)).toHaveLength(2);
    expect(await disk.look(watermarkPath(runAt(0).stream))).toBeUndefined();
  });
});
