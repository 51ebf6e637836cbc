import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CaptureStage } from '../../../test/support/capture-stage.ts';
import { ClipCamera, demoClip } from '../../../test/support/clip-camera.ts';
import { ffmpegMissing } from '../../../test/support/ffmpeg.ts';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import { complaints, probePackets } from '../../../test/support/media-judge.ts';
import { putRun } from '../../../test/support/recording.ts';
import { indexOf } from '../../../test/support/run-index.ts';
import { NodeArchiveDisk } from '../../adapters/disk/archive/node-archive-disk.ts';
import { nodeChecksums } from '../../adapters/disk/archive/node-checksums.ts';
import { incarnation, serverName, streamName } from '../../units/ids.ts';
import { drive, readFile } from '../disk/read-file.ts';
import { recordBytes } from '../index/record.ts';
import type { RunName } from '../layout/run-name.ts';
import { runPath } from '../layout/run-path.ts';
import { verifyRun } from '../recovery/verify-run.ts';
import { openRoot } from './open-root.ts';
import { examine, mend } from './recover.ts';
import { recoverFound } from './recover-found.ts';
import { walkArchive } from './walk.ts';

const folder = mkdtempSync(join(tmpdir(), 'headwater-archive-crash-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const stream = streamName('gate');
const server = serverName('s01');
let runs = 0;

/** What a real capture wrote, and the index of it without its end. */
let media = new Uint8Array(0);
let index = new Uint8Array(0);

beforeAll(async () => {
  const clock = new ManualClock();
  const on = new CaptureStage(clock, new ClipCamera(clock, demoClip('gate')).input());
  await clock.advance(ms(9_000));
  media = Uint8Array.from(Buffer.concat(on.store.files.get(on.told[0]?.location.path ?? '') ?? []));
  on.capture.stop();
  await on.ended;
  const disk = await archive();
  const run = nextRun();
  await putRun(disk, pathsOf(run), { media });
  await mend(disk, { stream, run }, await examine(disk, { stream, run }, nodeChecksums));
  index = Uint8Array.from((await readFile(disk, pathsOf(run).index)) ?? []).slice(0, -recordBytes);
});

async function archive(): Promise<NodeArchiveDisk> {
  const disk = new NodeArchiveDisk(join(folder, `root-${++runs}`));
  await openRoot(disk, { recall: async () => undefined, remember: async () => undefined }, () => 'a1');
  return disk;
}

function nextRun(): RunName {
  return { startMs: 1_800_000_000_000, server, incarnation: incarnation(1), ordinal: ++runs };
}

function pathsOf(run: RunName): { readonly media: string; readonly index: string } {
  return { media: runPath(stream, run, 'media'), index: runPath(stream, run, 'index') };
}

/** What a start makes of files that were cut there. */
async function started(mediaBytes: number, indexBytes: number): Promise<{ disk: NodeArchiveDisk; run: RunName }> {
  const [disk, run] = [await archive(), nextRun()];
  await putRun(disk, pathsOf(run), { media: media.subarray(0, mediaBytes), index: index.subarray(0, indexBytes) });
  const { catalogue, unfinished } = await walkArchive(disk);
  for await (const { outcome } of recoverFound(unfinished, { disk, catalogue, checksums: nodeChecksums, server })) {
    expect(['repair', 'empty']).toContain(outcome.kind);
  }
  expect((await walkArchive(disk)).unfinished).toEqual([]);
  return { disk, run };
}

/** Ends of the fragments that lie whole before this byte. */
function endsBefore(bytes: number): number[] {
  const whole = indexOf(index);
  return Array.from({ length: whole.count }, (_, i) => whole.endOffset(i)).filter((end) => end <= bytes);
}

describe('a real recording on a real disk', () => {
  test('cut at any byte, index and all, keeps every whole fragment and is good from then on', async () => {
    // Ends of fragments and records, too, and one byte to either side.
    const somewhere = (bytes: Uint8Array, ends: () => number[]): fc.Arbitrary<number> =>
      fc.oneof(
        fc.nat(bytes.length),
        fc.tuple(fc.constantFrom(...ends()), fc.integer({ min: -1, max: 1 })).map(([end, by]) => end + by),
      );
    const mediaCut = somewhere(media, () => endsBefore(media.length - 1));
    const indexCut = somewhere(index, () => endsBefore(media.length).map((_, i) => indexOf(index).bytesFor(i)));
    await fc.assert(
      fc.asyncProperty(mediaCut, indexCut, async (mediaBytes, indexBytes) => {
        const { disk, run } = await started(mediaBytes, indexBytes);
        const ends = endsBefore(mediaBytes);
        const file = await disk.open(pathsOf(run).media);
        expect(file?.bytes).toBe(ends.at(-1));
        if (file === undefined) return;
        const mended = (await readFile(disk, pathsOf(run).index)) ?? new Uint8Array(0);
        const verdict = await drive(verifyRun({ mediaBytes: file.bytes, index: mended }, nodeChecksums), file);
        await file.close();
        expect(verdict.kind).toBe('good');
        expect(indexOf(mended).count).toBe(ends.length);
      }),
      { numRuns: 60 },
    );
  });

  test.skipIf(ffmpegMissing)('is decoded by others after that, to the last whole fragment', async () => {
    const { disk, run } = await started(media.length - 20_000, index.length - 100);
    const cut = (await readFile(disk, pathsOf(run).media)) ?? new Uint8Array(0);
    const mended = indexOf((await readFile(disk, pathsOf(run).index)) ?? new Uint8Array(0));
    const seconds = (mended.end - mended.start) / 90_000;
    expect(probePackets(cut, 'mp4', 'v')).toHaveLength(Math.round(seconds * 25));
    expect(complaints(cut, 'mp4')).toEqual([]);
  });
});
