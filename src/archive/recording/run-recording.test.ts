import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SimDisk } from '../../../test/sim/disk/sim-disk.ts';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import { recordedRun } from '../../../test/support/recorded-run.ts';
import { TestRecording } from '../../../test/support/recording.ts';
import { indexOf } from '../../../test/support/run-index.ts';
import { nodeChecksums } from '../../adapters/disk/archive/node-checksums.ts';
import { drive, readFile } from '../disk/read-file.ts';
import { runPath } from '../layout/run-path.ts';
import { verifyRun } from '../recovery/verify-run.ts';
import { openRoot } from '../store/open-root.ts';
import { examine, mend } from '../store/recover.ts';

const made = recordedRun({ fragments: 12 });
const mediaPath = runPath(made.stream, made.run, 'media');
const indexPath = runPath(made.stream, made.run, 'index');
const memory = { recall: async () => undefined, remember: async () => undefined };

async function archive(): Promise<SimDisk> {
  const disk = new SimDisk();
  await openRoot(disk, memory, () => 'a1');
  return disk;
}

async function isGood(disk: SimDisk): Promise<boolean> {
  const [media, index] = [await disk.open(mediaPath), await readFile(disk, indexPath)];
  if (media === undefined || index === undefined) return false;
  return (await drive(verifyRun({ mediaBytes: media.bytes, index }, nodeChecksums), media)).kind === 'good';
}

/** Records a fragment every half second, with no regard to what the disk says of it. */
async function recordAll(disk: SimDisk, fragments = made.records.length): Promise<TestRecording> {
  const clock = new ManualClock();
  const on = new TestRecording(disk, made, { clock });
  for (let i = 0; i < fragments; i++) {
    on.append(i, i + 1);
    await clock.advance(ms(500));
  }
  return on;
}

describe('a run that is recorded', () => {
  test('has the bytes that were given, and an index that tells of them', async () => {
    const disk = await archive();
    const on = await recordAll(disk);
    const end = await on.recording.close('hour');
    expect(await readFile(disk, mediaPath)).toEqual(made.media);
    const index = indexOf((await readFile(disk, indexPath)) ?? new Uint8Array(0));
    expect(index.header).toEqual(made.header);
    expect(Array.from({ length: 12 }, (_, i) => ({ ...index.record(i), durable: 0 }))).toEqual(
      made.records.map((record) => ({ ...record, durable: 0 })),
    );
    expect(end).toEqual({ kind: 'ended', closing: index.closing });
    expect(index.closing).toMatchObject({ reason: 'hour', bytes: made.media.length, holes: false });
    expect(await isGood(disk)).toBe(true);
    expect([on.released, on.drops.take(), on.failures]).toEqual([12, [], []]);
  });

  test('can be read as soon as it is written, and tells what was on the disk for certain', async () => {
    const disk = await archive();
    const clock = new ManualClock();
    const on = new TestRecording(disk, made, { clock });
    const go = disk.standStill();
    const offset = on.append(0, 1)[0] ?? 0;
    expect(offset).toBe(made.records[0]?.offset);
    let isWritten: boolean | undefined;
    void on.recording.written(on.recording.length).then((yes) => {
      isWritten = yes;
    });
    await clock.advance(ms(5_000));
    expect(isWritten).toBeUndefined();
    go();
    await clock.advance(ms(0));
    expect(isWritten).toBe(true);
    expect(on.recording.unsyncedSince).toBe(clock.monotonic());
    await clock.advance(ms(2_000));
    expect(on.recording.unsyncedSince).toBeUndefined();
    on.append(1, 2);
    await clock.advance(ms(0));
    expect(indexOf((await readFile(disk, indexPath)) ?? new Uint8Array(0)).record(1).durable).toBe(1);
  });

  test('what came while the disk was busy is written at once', async () => {
    const disk = await archive();
    const on = new TestRecording(disk, made, { clock: new ManualClock() });
    on.append(0, 12);
    await on.recording.close('stopped');
    // Marker, two files with their beginnings, one write to each; names, two syncs, the closing record and its sync.
    expect(disk.changes).toBe(2 + 4 + 2 + 3 + 2);
  });

  test('without a fragment has no files', async () => {
    const disk = await archive();
    const on = new TestRecording(disk, made, { clock: new ManualClock() });
    expect(await on.recording.close('stopped')).toEqual({ kind: 'nothing' });
    expect(await disk.list('')).toEqual(['.headwater-archive']);
  });
});

describe('a recorder that dies', () => {
  /** What a start finds and makes of it; the fragments that can be played then. */
  async function recovered(disk: SimDisk): Promise<number[]> {
    const decided = await examine(disk, made, nodeChecksums);
    await mend(disk, made, decided);
    if (decided.kind === 'gone' || decided.kind === 'empty') {
      expect(await readFile(disk, mediaPath)).toBeUndefined();
      return [];
    }
    expect(await isGood(disk)).toBe(true);
    const media = (await readFile(disk, mediaPath)) ?? new Uint8Array(0);
    const index = indexOf((await readFile(disk, indexPath)) ?? new Uint8Array(0));
    return Array.from({ length: index.count }, (_, i) => {
      const at = made.records.findIndex(({ offset }) => offset === index.offsetOf(i));
      const { offset = 0, length = 0 } = made.records[at] ?? {};
      expect(media.subarray(offset, offset + length)).toEqual(made.media.subarray(offset, offset + length));
      return at;
    });
  }

  const firstOnes = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

  test('at any change it makes: every fragment that was written whole is there', async () => {
    const undisturbed = await archive();
    await (await recordAll(undisturbed)).recording.close('hour');
    for (let stopAfter = 3; stopAfter <= undisturbed.changes; stopAfter++) {
      const disk = await archive();
      disk.stopAfter = stopAfter;
      const on = await recordAll(disk);
      const written = disk.files.get(mediaPath)?.bytes.length ?? 0;
      await on.recording.close('hour');
      const whole = made.records.filter(({ offset, length }) => offset + length <= written).length;
      expect(await recovered(disk.rebooted('kept'))).toEqual(firstOnes(whole));
    }
  });

  test('with its machine, at any change: what was synced is there, and that is all but the last two seconds', async () => {
    const undisturbed = await archive();
    await (await recordAll(undisturbed)).recording.close('hour');
    const stop = fc.integer({ min: 3, max: undisturbed.changes + 1 });
    const dice = fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }));
    await fc.assert(
      fc.asyncProperty(stop, fc.integer({ min: 1, max: 12 }), dice, async (stopAfter, fragments, rolls) => {
        const disk = await archive();
        disk.stopAfter = stopAfter;
        const on = await recordAll(disk, fragments);
        const synced = on.failures.length === 0 ? fragments - 4 : 0;
        const found = await recovered(disk.rebooted(() => rolls.next().value));
        expect(found).toEqual(expect.arrayContaining(firstOnes(synced)));
      }),
      { numRuns: 300 },
    );
  });
});

describe('a disk that refuses', () => {
  test('for want of room, wherever: all fragments are in the archive or told as dropped, and none in both', async () => {
    const least = (await archive()).files.get('.headwater-archive')?.bytes.length ?? 0;
    for (let capacity = least; capacity < made.media.length + made.index.length + least + 200; capacity += 397) {
      const disk = await archive();
      disk.faults = { capacity };
      const on = await recordAll(disk);
      disk.faults = {};
      const end = await on.recording.close('hour');
      const decided = await examine(disk, made, nodeChecksums);
      if (end.kind === 'ended') expect(decided.kind).toBe('sound');
      await mend(disk, made, decided);
      const index = await readFile(disk, indexPath);
      const [kept, drops] = [index === undefined ? 0 : indexOf(index).count, on.drops.take()];
      expect(kept + drops.reduce((sum, { fragments }) => sum + fragments, 0)).toBe(12);
      expect(drops.map(({ why }) => why)).toEqual(kept === 12 ? [] : ['ENOSPC']);
      if (kept < 12) expect(drops[0]?.start).toBe(made.records[kept]?.start);
      if (end.kind === 'ended') expect(end.closing.reason).toBe(on.failures.length === 0 ? 'hour' : 'write-failed');
      expect(on.released).toBe(12);
    }
  });

  test.each([
    ['to be written to', { writes: 'EROFS' }, 'EROFS'],
    ['to be written to', { writes: 'EIO' }, 'EIO'],
  ])('from the beginning %s: nothing is recorded, and everything told', async (_, faults, code) => {
    const disk = await archive();
    disk.faults = faults;
    const on = await recordAll(disk);
    expect(on.recording.broken).toBe(true);
    expect(on.failures).toMatchObject([{ code: 'disk-failed', detail: { code } }]);
    expect(on.drops.take()).toMatchObject([{ fragments: 12, why: code, start: made.records[0]?.start }]);
    expect(await on.recording.close('hour')).toEqual({ kind: 'left' });
    expect(await on.recording.written(on.recording.length)).toBe(false);
  });

  test('to sync: what it has is in doubt, and left to a recovery', async () => {
    const disk = await archive();
    disk.faults = { syncs: 'EIO' };
    const on = await recordAll(disk);
    expect(on.failures).toMatchObject([{ detail: { code: 'EIO' } }]);
    expect(await on.recording.close('hour')).toEqual({ kind: 'left' });
    disk.faults = {};
    const decided = await examine(disk, made, nodeChecksums);
    expect(decided.kind).toBe('repair');
    await mend(disk, made, decided);
    expect(await isGood(disk)).toBe(true);
  });

  test('that is not mounted gets nothing', async () => {
    const disk = await archive();
    await disk.remove('.headwater-archive');
    const on = await recordAll(disk);
    expect(on.failures).toMatchObject([{ code: 'disk-failed', detail: { code: 'unmounted' } }]);
    expect(await disk.list('')).toEqual([]);
  });

  test('a name that somebody has made already gets nothing', async () => {
    const disk = await archive();
    await (await recordAll(disk)).recording.close('hour');
    const before = await readFile(disk, mediaPath);
    const on = await recordAll(disk);
    expect(on.failures).toMatchObject([{ detail: { code: 'EEXIST' } }]);
    expect(await readFile(disk, mediaPath)).toEqual(before);
  });
});

test('a disk that stands still costs no more memory than was allowed, and what it takes later is recorded', async () => {
  const disk = await archive();
  const clock = new ManualClock();
  const most = made.media.length / 3;
  const on = new TestRecording(disk, made, { clock, most });
  const go = disk.standStill();
  const taken = on.append(0, 12).filter((offset) => offset !== undefined).length;
  await clock.advance(ms(10_000));
  expect(taken).toBeLessThan(6);
  expect(on.recording.broken).toBe(true);
  const lost = { start: made.records[taken]?.start, fragments: 12 - taken, why: 'slow' };
  expect(on.drops.take()).toMatchObject([lost]);
  go();
  expect(await on.recording.close('hole')).toMatchObject({ kind: 'ended', closing: { reason: 'hole' } });
  expect(indexOf((await readFile(disk, indexPath)) ?? new Uint8Array(0)).count).toBe(taken);
  expect([on.released, on.failures]).toEqual([12, []]);
});
