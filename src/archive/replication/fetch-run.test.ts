import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SimDisk } from '../../../test/sim/disk/sim-disk.ts';
import { recordedRun } from '../../../test/support/recorded-run.ts';
import { indexOf } from '../../../test/support/run-index.ts';
import { nodeChecksums } from '../../adapters/disk/archive/node-checksums.ts';
import { AppError } from '../../units/app-error.ts';
import { drive, readFile } from '../disk/read-file.ts';
import { incomingFolder, runPath } from '../layout/run-path.ts';
import { verifyRun } from '../recovery/verify-run.ts';
import { openRoot } from '../store/open-root.ts';
import { examine, mend } from '../store/recover.ts';
import { walkArchive } from '../store/walk.ts';
import { type Fetch, type Fetched, fetchRun, type RunSource } from './fetch-run.ts';
import { readDurableSeal, readSeal } from './read-seal.ts';
import { sealedRun } from './sealed-run.ts';

const made = recordedRun({ fragments: 12, server: 's02' });
const { closing } = indexOf(made.index);
if (closing === undefined) throw new Error('it is ended');
const run = sealedRun(made.stream, made.run, closing);
const paths = { media: runPath(made.stream, made.run, 'media'), index: runPath(made.stream, made.run, 'index') };

/** In pieces that end anywhere. */
const holder: RunSource = {
  index: async () => made.index,
  read: async (_run, { offset, length }) => made.media.slice(offset, offset + Math.min(length, 1_000)),
};

async function home(): Promise<SimDisk> {
  const disk = new SimDisk();
  await openRoot(disk, { recall: async () => undefined, remember: async () => undefined }, () => 'a1');
  return disk;
}

function fetched(disk: SimDisk, more: Partial<Fetch> = {}): Promise<Fetched> {
  const free = { allowed: async () => undefined, progress: () => undefined };
  return fetchRun({ run, disk, source: holder, checksums: nodeChecksums, ...free, ...more });
}

/** What a start does. */
async function started(disk: SimDisk): Promise<void> {
  const { unfinished } = await walkArchive(disk);
  for (const pair of unfinished) await mend(disk, pair, await examine(disk, pair, nodeChecksums));
}

async function isGood(disk: SimDisk): Promise<boolean> {
  const [media, index] = [await disk.open(paths.media), await readFile(disk, paths.index)];
  if (media === undefined || index === undefined) return false;
  return (await drive(verifyRun({ mediaBytes: media.bytes, index }, nodeChecksums), media)).kind === 'good';
}

describe('a run that is fetched', () => {
  test('is here to the last byte, under its name, and nothing else is left', async () => {
    const disk = await home();
    const [steps, asked]: number[][] = [[], []];
    const allowed = async (bytes: number): Promise<void> => void asked?.push(bytes);
    expect(await fetched(disk, { progress: (bytes) => steps?.push(bytes), allowed })).toEqual({ kind: 'here' });
    expect(await readFile(disk, paths.media)).toEqual(made.media);
    expect(await readFile(disk, paths.index)).toEqual(made.index);
    expect(await disk.list(incomingFolder(made.stream))).toEqual([]);
    expect(await readSeal(disk, made.stream, made.run)).toEqual(run);
    expect([steps?.[0], steps?.at(-1)]).toEqual([0, made.media.length]);
    expect(asked?.[0]).toBe(made.media.length);
  });

  test('is refused when the index is another’s', async () => {
    const disk = await home();
    const other = recordedRun({ fragments: 3, server: 's02' }).index;
    const source = { ...holder, index: async () => other };
    expect(await fetched(disk, { source })).toEqual({ kind: 'wrong-index' });
    expect(await disk.list('')).toEqual(['.headwater-archive']);
  });

  test('whose recording is damaged at its holder is told, and keeps what is right', async () => {
    const disk = await home();
    const wrong = made.records[5]?.offset ?? 0;
    const read: RunSource['read'] = async (of, range) => {
      const bytes = await holder.read(of, range);
      if (wrong >= range.offset && wrong < range.offset + bytes.length) bytes[wrong - range.offset] = 0xff;
      return bytes;
    };
    expect(await fetched(disk, { source: { ...holder, read } })).toEqual({ kind: 'damaged', offset: wrong });
    const offsets: number[] = [];
    const again: RunSource = {
      ...holder,
      read: (of, range) => {
        offsets.push(range.offset);
        return holder.read(of, range);
      },
    };
    expect(await fetched(disk, { source: again })).toEqual({ kind: 'here' });
    expect(await readFile(disk, paths.media)).toEqual(made.media);
    expect(offsets[0]).toBe(wrong);
  });

  test('damaged on the way once is asked for again', async () => {
    const disk = await home();
    let reads = 0;
    const read: RunSource['read'] = async (of, range) => {
      const bytes = await holder.read(of, range);
      reads += 1;
      if (reads === 3) bytes[0] = (bytes[0] ?? 0) ^ 1;
      return bytes;
    };
    expect(await fetched(disk, { source: { ...holder, read } })).toEqual({ kind: 'here' });
    expect(await isGood(disk)).toBe(true);
  });

  test('from a holder that fails goes on where it was', async () => {
    const disk = await home();
    const gone = new AppError('not-found', 'the stand-in is gone');
    const read: RunSource['read'] = (of, range) =>
      range.offset > 4_000 ? Promise.reject(gone) : holder.read(of, range);
    await expect(fetched(disk, { source: { ...holder, read } })).rejects.toBe(gone);
    expect(await readSeal(disk, made.stream, made.run)).toBeUndefined();
    const offsets: number[] = [];
    const rest: RunSource = {
      ...holder,
      read: (of, range) => {
        offsets.push(range.offset);
        return holder.read(of, range);
      },
    };
    expect(await fetched(disk, { source: rest })).toEqual({ kind: 'here' });
    expect(offsets[0]).toBeGreaterThan(2_000);
    expect(await isGood(disk)).toBe(true);
  });

  test('on a full disk rejects, and goes on when there is room', async () => {
    const disk = await home();
    disk.faults = { capacity: 10_000 };
    await expect(fetched(disk)).rejects.toMatchObject({ code: 'disk-failed', detail: { code: 'ENOSPC' } });
    disk.faults = {};
    expect(await fetched(disk)).toEqual({ kind: 'here' });
    expect(await isGood(disk)).toBe(true);
  });
});

describe('a home that dies while it fetches', () => {
  async function changesOfAFetch(): Promise<number> {
    const disk = await home();
    const before = disk.changes;
    await fetched(disk);
    return disk.changes - before;
  }

  test.each(['process', 'power'] as const)(
    'by the loss of its %s, at any change: the fetch goes on, and nothing untrue is vouched for',
    async (lost) => {
      const changes = await changesOfAFetch();
      for (let after = 1; after <= changes; after++) {
        for (let seed = 0; seed < 5; seed++) {
          const random = randomFrom(after * 100 + seed);
          const disk = await home();
          disk.stopAfter = disk.changes + after;
          await expect(fetched(disk)).rejects.toMatchObject({ detail: { code: 'dead' } });
          disk.stopAfter = Number.POSITIVE_INFINITY;
          const found = lost === 'power' ? disk.rebooted(random) : disk;
          // Before anything is mended: what it would say to a stand-in must be true, also if the power went now.
          const seal = await readDurableSeal(found, made.stream, made.run);
          if (seal !== undefined) expect(await isGood(found.rebooted(random))).toBe(true);
          await started(found);
          if ((await readSeal(found, made.stream, made.run)) === undefined) {
            expect(await fetched(found), `after change ${after}, seed ${seed}`).toEqual({ kind: 'here' });
          }
          expect(await readFile(found, paths.media)).toEqual(made.media);
          expect(await readFile(found, paths.index)).toEqual(made.index);
        }
      }
    },
  );

  test('whose fetch has ended has it after any loss of power', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
        async (numbers) => {
          const disk = await home();
          await fetched(disk);
          expect(await isGood(disk.rebooted(() => numbers.next().value ?? 0))).toBe(true);
        },
      ),
      { numRuns: 30 },
    );
  });
});

/** Numbers from 0 to 1, the same for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
