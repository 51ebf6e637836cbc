/**
 * What recording takes without capture; and what a catalogue of 100 streams and 30 days does: to list it from the files at a start, to answer from, to open any second of it. The tree
 * has all folders, files and lengths that a start looks at; its media are holes. `BENCH_COLD=1`, as root, empties the machine's caches before
 * each start: a start after the loss of power. `npm run bench -- archive`
 */
import { writeFileSync } from 'node:fs';
import { systemClock } from '../src/adapters/clock.ts';
import { NodeArchiveDisk } from '../src/adapters/disk/archive/node-archive-disk.ts';
import type { Catalogue } from '../src/archive/catalogue/catalogue.ts';
import { heldRuns } from '../src/archive/catalogue/held-runs.ts';
import { IndexCache } from '../src/archive/catalogue/index-cache.ts';
import { intervals } from '../src/archive/catalogue/intervals.ts';
import { runPath } from '../src/archive/layout/run-path.ts';
import { diskIndexes } from '../src/archive/store/disk-indexes.ts';
import { summarize } from '../src/archive/store/summarize.ts';
import { type WalkedArchive, walkArchive } from '../src/archive/store/walk.ts';
import { type StreamName, serverName, streamName } from '../src/units/ids.ts';
import { ticks } from '../src/units/ticks.ts';
import { between } from '../src/units/time.ts';
import { measureRecording } from './archive/recording.ts';
import { fillIndex, makeTree, runOf, type Tree } from './archive/tree.ts';
import { median, progress, type Report, runBench, type Settings } from './harness/bench.ts';
import { atMost } from './harness/figure.ts';
import { ownFolder } from './harness/own.ts';

const hourMs = 3_600_000;
const streams = 100;
const opened = 20;
const toMs = Date.UTC(2026, 8, 30, 12);

async function measure({ quick }: Settings, report: Report): Promise<void> {
  const { cpu, unsyncedMs, dropped } = await measureRecording(ownFolder(), quick ? 6 : 30);
  const about = `${streams} streams of 4.2 Mbit/s`;
  report({ figure: 'recording without capture', value: cpu * 100, unit: '% of a core', note: about });
  const lost = dropped === 0 ? 'nothing dropped' : `${dropped} fragments dropped`;
  report({ figure: 'the same: longest unsynced', value: unsyncedMs, unit: 'ms', promise: atMost(2_000), note: lost });
  const days = quick ? 3 : 30;
  const [root, runs] = [ownFolder(), `${streams * days * 24} runs`];
  progress(`${runs} are made`);
  const tree = makeTree(root, { streams, days, toMs });
  const disk = new NodeArchiveDisk(root);
  const { took, result } = await start(disk);
  report({ figure: 'first start: every index', value: took / 1000, unit: 's', note: runs });
  progress('days are summarized');
  const before = systemClock.monotonic();
  for (const day of result.unsummarized) await summarize(disk, day, ticks(toMs * 90));
  report({
    figure: 'summaries written',
    value: since(before) / 1000,
    unit: 's',
    note: 'in the background, once a day',
  });
  const again = await start(disk);
  const note = `${again.result.unsummarized.length} of ${streams * (days + 1)} days read index by index`;
  report({ figure: `start ${heat}`, value: again.took / 1000, unit: 's', promise: atMost(5), note });
  query(again.result.catalogue, tree, report);
  await open(disk, { root, tree, catalogue: again.result.catalogue }, report);
}

const cold = process.env.BENCH_COLD === '1';
const heat = cold ? 'with cold caches' : 'with warm caches';

async function start(disk: NodeArchiveDisk): Promise<{ readonly took: number; readonly result: WalkedArchive }> {
  // proc(5): page cache, folders and inodes.
  if (cold) writeFileSync('/proc/sys/vm/drop_caches', '3');
  const before = systemClock.monotonic();
  const result = await walkArchive(disk);
  return { took: since(before), result };
}

function query(catalogue: Catalogue, { streams: names, fromMs }: Tree, report: Report): void {
  const within = { start: ticks(fromMs * 90), end: ticks(toMs * 90) };
  const ranges = (stream: StreamName): number => {
    const runs = catalogue.overlapping(stream, within);
    return intervals(heldRuns([{ holder: serverName('s01'), runs }]), within).length;
  };
  const times = names.map((stream) => {
    const before = systemClock.monotonic();
    ranges(stream);
    return since(before);
  });
  const note = `median; the longest ${Math.max(...times).toFixed(1)} ms; all ${streams} streams ${sum(times).toFixed(0)} ms`;
  report({ figure: 'ranges of one stream, all days', value: median(times), unit: 'ms', promise: atMost(10), note });
}

/** A moment that nobody has asked for: its index is read, the fragment is found, and its bytes. */
async function open(
  disk: NodeArchiveDisk,
  { root, tree, catalogue }: { readonly root: string; readonly tree: Tree; readonly catalogue: Catalogue },
  report: Report,
): Promise<void> {
  const indexes = new IndexCache(diskIndexes(disk));
  const times: number[] = [];
  const moments = Array.from({ length: opened }, (_, i) => {
    const hours = (i * 7) % ((tree.toMs - tree.fromMs) / hourMs);
    const startMs = tree.fromMs + hours * hourMs;
    const stream = tree.streams[i * 3] ?? streamName('none');
    fillIndex(root, stream, runOf(startMs, hours + 1));
    return { stream, at: ticks((startMs + i * 170_000 + 250) * 90) };
  });
  for (const { stream, at } of moments) {
    const before = systemClock.monotonic();
    const run = catalogue.overlapping(stream, { start: at, end: ticks(at + 1) })[0];
    const index = run && (await indexes.get(stream, run));
    const file = run && (await disk.open(runPath(stream, run, 'media')));
    if (index === undefined || file === undefined) throw new Error(`nothing of ${stream} at ${at}`);
    const { offset, length } = index.record(index.fragmentAt(at));
    const bytes = await file.read({ offset, length });
    await file.close();
    times.push(since(before));
    if (bytes.length < length) throw new Error('the fragment is short');
  }
  const note = `the longest of ${opened}, the median ${median(times).toFixed(1)} ms`;
  report({ figure: 'any second opened', value: Math.max(...times), unit: 'ms', promise: atMost(50), note });
}

function since(before: ReturnType<typeof systemClock.monotonic>): number {
  return between(before, systemClock.monotonic());
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

await runBench('archive', measure);
