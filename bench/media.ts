// How many bytes of MPEG-TS a second of CPU demuxes, muxes and puts into fragments.
//   npx tsx bench/media.ts
// The stream is made here: 20 s of 4.2 Mbit/s, 25 pictures a second of random coded bytes with real headers, and AAC of 128 kbit/s.
// Judged by the CPU time of the best round, so that other work on the machine counts little.
import { readFileSync } from 'node:fs';
import { type Frame, ownFrame } from '../src/media/frame.ts';
import { FragmentBuilder } from '../src/media/mp4/fragment.ts';
import { TsDemuxer } from '../src/media/mpegts/demuxer.ts';
import { TsMuxer } from '../src/media/mpegts/muxer.ts';
import type { MediaSink, Track } from '../src/media/track.ts';
import { ticks } from '../src/units/ticks.ts';

const seconds = 20;
const rounds = 15;
const streams = 100;
const bitsPerSecond = 4_200_000;
/** What a socket gives at a time when much is waiting. */
const chunkBytes = 64 * 1024;
const fragmentPictures = 12;

const tracks = tracksOfCapture();
const frames = makeFrames();
const stream = new TsMuxer(tracks).write(frames);

function tracksOfCapture(): readonly Track[] {
  let found: readonly Track[] = [];
  const capture = readFileSync(new URL('../test/fixtures/media/b-frames.ts', import.meta.url));
  demux(capture, { tracks: (all) => (found = all), frame: () => {}, damage: () => {} });
  return found;
}

function demux(bytes: Uint8Array, sink: MediaSink): void {
  const demuxer = new TsDemuxer(sink);
  for (let at = 0; at < bytes.length; at += chunkBytes) demuxer.push(bytes.subarray(at, at + chunkBytes));
  demuxer.flush();
}

/** A small generator with a fixed seed: bytes without more start codes than coded pictures have. */
function coded(length: number, header: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = length;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = Math.max(1, state >>> 24);
  }
  bytes.set(header);
  return bytes;
}

function makeFrames(): Frame[] {
  const all: Frame[] = [];
  const pictureBytes = (bitsPerSecond - 128_000) / 8 / 25;
  for (let i = 0; i < seconds * 25; i++) {
    const keyframe = i % 50 === 0;
    const size = Math.round(keyframe ? pictureBytes * 4 : (pictureBytes * 46) / 49);
    const units = [coded(size, [keyframe ? 0x65 : 0x41, 0x88, 0x84])];
    all.push({ track: 0, dts: ticks(i * 3600), pts: ticks(i * 3600), keyframe, units });
  }
  for (let i = 0; i < (seconds * 48_000) / 1024; i++) {
    all.push({ track: 1, dts: ticks(i * 1024), pts: ticks(i * 1024), keyframe: true, units: [coded(341, [0x21])] });
  }
  return all.sort((a, b) => a.dts / (a.track === 0 ? 90_000 : 48_000) - b.dts / (b.track === 0 ? 90_000 : 48_000));
}

function fragment(builder: FragmentBuilder, frame: Frame, picture: number): void {
  if (frame.track === 0 && picture % fragmentPictures === 0 && !builder.isEmpty) builder.finish(picture, [frame.dts]);
  builder.add(frame);
}

function fragmentAll(all: readonly Frame[]): void {
  const builder = new FragmentBuilder(tracks);
  let pictures = 0;
  for (const frame of all) fragment(builder, frame, frame.track === 0 ? pictures++ : 0);
}

function demuxToFragments(): void {
  const builder = new FragmentBuilder(tracks);
  let pictures = 0;
  const frame = (one: Frame): void => fragment(builder, one, one.track === 0 ? pictures++ : 0);
  demux(stream, { tracks: () => {}, frame, damage: () => {} });
}

function measure(name: string, work: () => void): void {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1e6);
  }
  const share = (best / seconds) * streams * 100;
  const rate = (stream.length / best / 1e6).toFixed(0).padStart(5);
  console.log(`${name.padEnd(24)} ${rate} MB/s of CPU   ${streams} streams: ${share.toFixed(1)} % of a core`);
}

const owned = frames.map(ownFrame);
measure('demux', () => demux(stream, { tracks: () => {}, frame: () => {}, damage: () => {} }));
measure('mux, a frame at a time', () => {
  const muxer = new TsMuxer(tracks);
  for (const frame of owned) muxer.write([frame]);
});
measure('mux, 8 frames at a time', () => {
  const muxer = new TsMuxer(tracks);
  for (let i = 0; i < owned.length; i += 8) muxer.write(owned.slice(i, i + 8));
});
measure('fragments', () => fragmentAll(owned));
measure('demux into fragments', demuxToFragments);
