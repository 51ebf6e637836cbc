/**
 * How much of a core demuxing, muxing, fragments, and the whole way from RTSP to fragments take, for 100 streams of 4.2 Mbit/s; no sockets, no
 * disk. Judged by the CPU time of the best round, so that other work on the machine counts little. `npm run bench -- media`
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FrameKeeper } from '../src/capture/frames/frame-keeper.ts';
import { SlabPool } from '../src/capture/frames/slab.ts';
import { type Frame, ownFrame } from '../src/media/frame.ts';
import { writeFragment } from '../src/media/mp4/fragment.ts';
import { TsDemuxer } from '../src/media/mpegts/demuxer.ts';
import { TsMuxer } from '../src/media/mpegts/muxer.ts';
import type { MediaSink, Track } from '../src/media/track.ts';
import type { KeptFrame } from '../src/timeline/timed-frame.ts';
import { ticks } from '../src/units/ticks.ts';
import { writeBenchClip } from './capture/clip.ts';
import { type Report, runBench, type Settings } from './harness/bench.ts';
import { clipFolder } from './harness/farm.ts';
import { ownFolder } from './harness/own.ts';
import { CapturePath } from './media/capture-path.ts';

const streams = 100;
const bitsPerSecond = 4_200_000;
/** The clip's length. */
const clipSeconds = 40;
/** What a socket gives at a time when much is waiting. */
const chunkBytes = 64 * 1024;
const fragmentPictures = 12;

interface Material {
  readonly stream: Uint8Array;
  readonly tracks: readonly Track[];
  /** In memory of their own. */
  readonly frames: readonly Frame[];
}

function readMaterial(): Material {
  const path = join(ownFolder(), 'clip.ts');
  writeBenchClip(join(clipFolder, 'gate.ts'), path, bitsPerSecond);
  const stream = new Uint8Array(readFileSync(path));
  let tracks: readonly Track[] = [];
  const frames: Frame[] = [];
  demux(stream, {
    tracks: (all) => {
      tracks = all;
    },
    frame: (frame) => frames.push(ownFrame(frame)),
    damage: ({ detail }) => {
      throw new Error(`the bench clip is undamaged: ${detail}`);
    },
  });
  return { stream, tracks, frames };
}

function demux(bytes: Uint8Array, sink: MediaSink): void {
  const demuxer = new TsDemuxer(sink);
  for (let at = 0; at < bytes.length; at += chunkBytes) demuxer.push(bytes.subarray(at, at + chunkBytes));
  demuxer.flush();
}

/** Takes frames into fragments of half a second, as a capture keeps and lays them out. */
function fragmenting(tracks: readonly Track[]): (frame: Frame) => void {
  const pool = new SlabPool();
  const keepers = tracks.map((track) => new FrameKeeper(pool, track));
  let kept: KeptFrame[][] = tracks.map(() => []);
  let pictures = 0;
  const finish = (): void => {
    const pieces = tracks.map(({ kind }, track) => ({
      track,
      kind,
      samples: (kept[track] ?? []).map((frame) => ({ ...frame, duration: ticks(1) })),
      origin: 0,
    }));
    writeFragment(
      pictures,
      pieces.filter(({ samples }) => samples.length > 0),
    );
    for (const { memory } of kept.flat()) memory.release();
    kept = tracks.map(() => []);
  };
  return (frame) => {
    if (frame.track === 0 && pictures++ % fragmentPictures === 0) finish();
    const one = keepers[frame.track]?.keep(frame, frame.track);
    if (one !== undefined) kept[frame.track]?.push(one);
  };
}

function mux({ tracks, frames }: Material, atATime: number): void {
  const muxer = new TsMuxer(tracks);
  for (let i = 0; i < frames.length; i += atATime) muxer.write(frames.slice(i, i + atATime));
}

async function measure({ quick }: Settings, report: Report): Promise<void> {
  const rounds = quick ? 4 : 12;
  const material = readMaterial();
  const { stream, tracks, frames } = material;
  const ignored: MediaSink = { tracks: () => undefined, frame: () => undefined, damage: () => undefined };
  const jobs: Readonly<Record<string, () => void>> = {
    'demux MPEG-TS': () => demux(stream, ignored),
    'mux MPEG-TS, 8 frames at a time': () => mux(material, 8),
    'fragments from frames': () => {
      const take = fragmenting(tracks);
      for (const frame of frames) take(frame);
    },
    'MPEG-TS into fragments': () => demux(stream, { ...ignored, frame: fragmenting(tracks) }),
  };
  for (const [figure, job] of Object.entries(jobs)) {
    tell(figure, { cpu: await best(rounds, async () => job()), seconds: clipSeconds, bytes: stream.length }, report);
  }
  const path = new CapturePath(bitsPerSecond, 1);
  const cpu = await best(rounds * 2, () => path.run());
  tell(
    'RTSP to fragments, a worker without socket and disk',
    { cpu, seconds: path.seconds, bytes: path.byteLength },
    report,
  );
}

/** CPU seconds of the best round. */
async function best(rounds: number, work: () => Promise<unknown>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1e6);
  }
  return least;
}

function tell(
  figure: string,
  of: { readonly cpu: number; readonly seconds: number; readonly bytes: number },
  report: Report,
): void {
  const note = `${Math.round(of.bytes / of.cpu / 1e6)} MB a second of CPU`;
  report({ figure, value: (of.cpu / of.seconds) * streams * 100, unit: `% of a core, ${streams} streams`, note });
}

await runBench('media', measure);
