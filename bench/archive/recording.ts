/** A hundred runs in the making: what comes twice a second of each, in pieces as a fragment has them, through files and syncs. */
import { systemClock } from '../../src/adapters/clock.ts';
import { NodeArchiveDisk } from '../../src/adapters/disk/archive/node-archive-disk.ts';
import { nodeChecksums } from '../../src/adapters/disk/archive/node-checksums.ts';
import { RunRecording } from '../../src/archive/recording/run-recording.ts';
import { SyncTurns } from '../../src/archive/recording/sync-turns.ts';
import { openRoot } from '../../src/archive/store/open-root.ts';
import { WriteBudget } from '../../src/capture/run/write-budget.ts';
import { streamName } from '../../src/units/ids.ts';
import { ticks } from '../../src/units/ticks.ts';
import { between, type Instant, millis } from '../../src/units/time.ts';
import { seconds } from '../harness/bench.ts';
import { runOf } from './tree.ts';

const streams = 100;
const fragmentsASecond = 2;
/** 4.2 Mbit/s in sixteen pieces. */
const piece = Buffer.alloc(16_400, 7);
const pieces = Array.from({ length: 16 }, () => piece);

export interface RecordingFigures {
  /** Of one core, with the copying into the page cache. */
  readonly cpu: number;
  /** The longest that anything waited for its sync, with the sync. */
  readonly unsyncedMs: number;
  readonly dropped: number;
}

export async function measureRecording(root: string, lasting: number): Promise<RecordingFigures> {
  const disk = new NodeArchiveDisk(root);
  await openRoot(disk, { recall: async () => undefined, remember: async () => undefined }, () => 'b');
  const startMs = Math.floor(systemClock.wall() / 1_000);
  const [budget, syncs] = [new WriteBudget(), new SyncTurns()];
  let dropped = 0;
  const recordings = Array.from({ length: streams }, (_, i) => {
    const about = { stream: streamName(`cam${i}`), run: runOf(startMs, 1), init: new Uint8Array(1_400), tracks: [] };
    const told = { dropped: () => (dropped += 1), failed: () => undefined };
    return new RunRecording({ ...about, ...told, disk, checksums: nodeChecksums, clock: systemClock, syncs, budget });
  });
  const [begin, cpu] = [systemClock.monotonic(), process.cpuUsage()];
  let unsyncedMs = 0;
  for (let i = 0; i < lasting * streams * fragmentsASecond; i++) {
    recordings[i % streams]?.append(factsOf(startMs, i), pieces);
    if (i % streams === 0) unsyncedMs = Math.max(unsyncedMs, ...recordings.map(waitsSince));
    const early = (i * 1_000) / (streams * fragmentsASecond) - between(begin, systemClock.monotonic());
    if (early > 0) await systemClock.sleep(millis(early));
  }
  const { user, system } = process.cpuUsage(cpu);
  await Promise.all(recordings.map((recording) => recording.close('stopped')));
  return { cpu: (user + system) / 1_000 / seconds(lasting), unsyncedMs, dropped };
}

function factsOf(startMs: number, i: number): Parameters<RunRecording['append']>[0] {
  const number = Math.floor(i / streams);
  const start = ticks(startMs * 90 + (number * 90_000) / fragmentsASecond);
  const duration = ticks(90_000 / fragmentsASecond);
  return { start, duration, segment: number, beginsSegment: true, keyframe: true, hash: '', shift: ticks(0) };
}

function waitsSince({ unsyncedSince }: RunRecording): number {
  const now: Instant = systemClock.monotonic();
  return unsyncedSince === undefined ? 0 : between(unsyncedSince, now);
}
