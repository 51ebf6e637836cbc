import { beforeEach, describe, expect, test } from 'vitest';
import { SimDisk } from '../../../test/sim/disk/sim-disk.ts';
import { CaptureStage, stageOffset } from '../../../test/support/capture-stage.ts';
import { ClipCamera, demoClip } from '../../../test/support/clip-camera.ts';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import { nodeChecksums } from '../../adapters/disk/archive/node-checksums.ts';
import { drive, readFile } from '../../archive/disk/read-file.ts';
import type { RunIndex } from '../../archive/index/run-index.ts';
import { readIndex } from '../../archive/index/run-index.ts';
import type { RunName } from '../../archive/layout/run-name.ts';
import { runPath } from '../../archive/layout/run-path.ts';
import { verifyRun } from '../../archive/recovery/verify-run.ts';
import { openRoot } from '../../archive/store/open-root.ts';
import type { ArchiveFact } from '../../facts/archive-fact.ts';
import { incarnation, serverName, streamName } from '../../units/ids.ts';
import type { RunInput } from '../source/input.ts';

const clip = demoClip('gate');
const cam = streamName('cam');
const place = { root: '/a', server: serverName('s01'), incarnation: incarnation(3) };
const memory = { recall: async () => undefined, remember: async () => undefined };

let disk: SimDisk;
beforeEach(async () => {
  disk = new SimDisk();
  await openRoot(disk, memory, () => 'a1');
});

function stage(options: ConstructorParameters<typeof CaptureStage>[2] = {}): { clock: ManualClock; on: CaptureStage } {
  const clock = new ManualClock();
  return {
    clock,
    on: new CaptureStage(clock, new ClipCamera(clock, clip).input(), { disk, archive: place, ...options }),
  };
}

type RunFact = Extract<ArchiveFact, { type: 'archive-run' }>;

function runsOf(on: CaptureStage): RunFact[] {
  return on.archived.flatMap((fact) => (fact.type === 'archive-run' && fact.state !== 'open' ? [fact] : []));
}

const dropsOf = (on: CaptureStage) =>
  on.archived.flatMap((fact) => (fact.type === 'archive-dropped' ? [...fact.drops] : []));

/** Of a run whose files agree. */
async function goodIndex(run: RunName): Promise<RunIndex> {
  const [media, bytes] = [
    await disk.open(runPath(cam, run, 'media')),
    await readFile(disk, runPath(cam, run, 'index')),
  ];
  if (media === undefined || bytes === undefined) throw new Error('a file of the run is missing');
  expect((await drive(verifyRun({ mediaBytes: media.bytes, index: bytes }, nodeChecksums), media)).kind).toBe('good');
  const read = readIndex(bytes);
  if (read.kind !== 'index') throw new Error('there is no index');
  return read.index;
}

async function stop({ clock, on }: { clock: ManualClock; on: CaptureStage }): Promise<void> {
  on.capture.stop();
  await clock.advance(ms(0));
  await clock.advance(ms(2_000));
}

describe('a capture with an archive', () => {
  test('records what viewers see: the same bytes, times and numbers', async () => {
    const both = stage();
    await both.clock.advance(ms(13_000));
    await stop(both);
    const [run, ...more] = runsOf(both.on);
    expect(more).toEqual([]);
    expect(run).toMatchObject({ state: 'ended', root: '/a', run: { server: 's01', incarnation: 3, ordinal: 1 } });
    if (run === undefined) return;
    const index = await goodIndex(run.run);
    const { segments } = both.on;
    expect(index.closing?.reason).toBe('stopped');
    expect(index.startOf(0)).toBe(segments[0]?.start);
    const records = Array.from({ length: index.count }, (_, i) => index.record(i));
    for (const { number, start, bytes, keyframeHash } of segments) {
      const own = records.filter(({ segment }) => segment === number);
      expect(own[0]).toMatchObject({ start, beginsSegment: true, keyframe: true, hash: keyframeHash.slice(0, 16) });
      expect(own.reduce((sum, { length }) => sum + length, 0)).toBe(bytes);
    }
    // Also what was recorded of the segment in the making.
    expect(run.end).toBeGreaterThan((segments.at(-1)?.start ?? 0) + (segments.at(-1)?.duration ?? 0) - 1);
    expect(dropsOf(both.on)).toEqual([]);
  });

  test('tells how far each run can be read while it grows', async () => {
    const { clock, on } = stage();
    await clock.advance(ms(7_000));
    const facts = on.archived.flatMap((fact) => (fact.type === 'archive-run' ? [fact] : []));
    expect(facts.map(({ state }) => state)).toEqual(['open', 'open', 'open', 'open']);
    expect(facts.map(({ bytes }) => bytes)).toEqual(facts.map(({ bytes }) => bytes).toSorted((a, b) => a - b));
    on.capture.stop();
    await clock.advance(ms(0));
  });

  test('begins a new run at the full hour, with the next keyframe, and loses nothing', async () => {
    // Five seconds before the hour.
    const both = stage({ offset: Math.ceil(stageOffset / 3.6e9) * 3.6e9 - 5e6 });
    await both.clock.advance(ms(13_000));
    await stop(both);
    const [first, second] = runsOf(both.on);
    expect(second?.start).toBe(first?.end);
    expect((await goodIndex(first?.run as RunName)).closing?.reason).toBe('hour');
    const next = await goodIndex(second?.run as RunName);
    expect(next.record(0)).toMatchObject({ keyframe: true });
    expect(Math.floor((second?.start ?? 0) / 90_000) % 3_600).toBeLessThan(2);
  });

  test('is told to record elsewhere, or nowhere, and its connection stays', async () => {
    const both = stage({ archive: undefined });
    await both.clock.advance(ms(3_000));
    expect(both.on.archived).toEqual([]);
    both.on.capture.useArchive(place);
    await both.clock.advance(ms(4_000));
    both.on.capture.useArchive({ ...place, root: '/b' });
    await both.clock.advance(ms(4_000));
    both.on.capture.useArchive(undefined);
    await both.clock.advance(ms(4_000));
    const [first, second, ...more] = runsOf(both.on);
    expect([first?.root, second?.root, more]).toEqual(['/a', '/b', []]);
    expect(second?.start).toBe(first?.end);
    expect(dropsOf(both.on)).toEqual([]);
    expect(both.on.kinds.filter((kind) => kind === 'source-used')).toHaveLength(1);
    await stop(both);
  });

  test('ends its run when the input is silent for ten seconds', async () => {
    const clock = new ManualClock();
    const play = new ClipCamera(clock, clip).input();
    let isSilent = false;
    const input: RunInput = ({ sink, ...request }) =>
      play({
        ...request,
        sink: {
          tracks: (...of) => sink.tracks(...of),
          damage: (damage) => sink.damage(damage),
          frame: (frame) => !isSilent && sink.frame(frame),
        },
      });
    const on = new CaptureStage(clock, input, { disk, archive: place, config: { sourceTimeout: ms(60_000) } });
    await clock.advance(ms(5_000));
    isSilent = true;
    await clock.advance(ms(9_000));
    expect(runsOf(on)).toEqual([]);
    await clock.advance(ms(3_000));
    expect(runsOf(on)).toMatchObject([{ state: 'ended' }]);
    await stop({ clock, on });
  });
});

describe('an archive whose disk refuses', () => {
  test('costs live nothing; what is lost is told with its times, and recording resumes by itself', async () => {
    const both = stage();
    await both.clock.advance(ms(5_000));
    disk.faults = { writes: 'EIO' };
    await both.clock.advance(ms(10_000));
    disk.faults = {};
    await both.clock.advance(ms(20_000));
    await stop(both);
    const { segments } = both.on;
    expect(segments.map(({ number }) => number - (segments[0]?.number ?? 0))).toEqual([...segments.keys()]);
    expect(segments.length).toBeGreaterThan(15);
    const [first, ...others] = runsOf(both.on).filter(({ state }) => state !== 'nothing');
    const last = others.at(-1);
    expect(last?.state).toBe('ended');
    const drops = dropsOf(both.on);
    expect(drops.every(({ why }) => why === 'EIO')).toBe(true);
    // What is in no run is told, and nothing else.
    const lost = drops.reduce((sum, { start, end }) => sum + end - start, 0);
    const all = (last?.end ?? 0) - (first?.start ?? 0);
    const kept = (await Promise.all([last].map((run) => goodIndex(run?.run as RunName)))).reduce(
      (sum, index) => sum + index.endOf(index.count - 1) - index.startOf(0),
      0,
    );
    expect(Math.abs(all - lost - kept - 5 * 90_000)).toBeLessThan(90_000);
  });

  test('and one that stands still costs a bounded memory, and live nothing', async () => {
    const budget = 20_000;
    const both = stage({ budget });
    await both.clock.advance(ms(5_000));
    const go = disk.standStill();
    await both.clock.advance(ms(15_000));
    expect(both.on.segments.length).toBeGreaterThan(8);
    expect(dropsOf(both.on)[0]).toMatchObject({ why: 'slow' });
    go();
    await both.clock.advance(ms(16_000));
    expect(both.on.archived.at(-1)).toMatchObject({ type: 'archive-run', state: 'open' });
    await stop(both);
    expect(runsOf(both.on).at(-1)).toMatchObject({ state: 'ended' });
  });
});
