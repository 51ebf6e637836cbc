import { readFileSync, writeFileSync } from 'node:fs';
import { readClip } from '../../src/demo/cameras/clip.ts';
import { isVcl, nalType } from '../../src/media/codec/h264.ts';
import type { Frame } from '../../src/media/frame.ts';
import { TsMuxer } from '../../src/media/mpegts/muxer.ts';
import { rescale, ticks, timescale90k } from '../../src/units/ticks.ts';

/** A keyframe weighs as much as this many other pictures, as in real streams. */
const keyframeWeight = 8;
/** Packet headers and tables of the transport stream, as a share of what they carry. */
const overhead = 0.03;

/**
 * The clip of the committed one that has `bitsPerSecond`, the same bytes at every call: its slices are lengthened by noise in which no two
 * zeros follow each other, as emulation prevention makes coded pictures look. Nobody decodes it; to all that moves or
 * parses it, it costs what a camera's pictures of that rate cost.
 */
export function writeBenchClip(from: string, to: string, bitsPerSecond: number): void {
  const clip = readClip(new Uint8Array(readFileSync(from)));
  const { video, audio, frames } = clip;
  const tracks = audio === undefined ? [video] : [video, audio];
  const seconds = clip.length90k / timescale90k;
  const audioBytes = frames
    .filter(({ kind }) => kind === 'audio')
    .reduce((sum, frame) => sum + bytesOf(frame.units), 0);
  const pictures = frames.filter(({ kind }) => kind === 'video');
  const weights = pictures.reduce((sum, { keyframe }) => sum + (keyframe ? keyframeWeight : 1), 0);
  const share = ((bitsPerSecond / 8) * seconds * (1 - overhead) - audioBytes) / weights;
  const noise = new Noise();
  const grown = frames.map(({ kind, dts, pts, keyframe, units }): Frame => {
    const track = kind === 'video' ? 0 : 1;
    const at = (time: number) => rescale(ticks(time), timescale90k, tracks[track]?.timescale ?? timescale90k);
    if (kind === 'audio') return { track, dts: at(dts), pts: at(pts), keyframe: true, units };
    const missing = Math.round(share * (keyframe ? keyframeWeight : 1)) - bytesOf(units);
    return { track, dts: at(dts), pts: at(pts), keyframe, units: lengthened(units, missing, noise) };
  });
  writeFileSync(to, new TsMuxer(tracks).write(grown));
}

function bytesOf(units: readonly Uint8Array[]): number {
  return units.reduce((sum, { length }) => sum + length, 0);
}

/** The last slice, by `missing` bytes. */
function lengthened(units: readonly Uint8Array[], missing: number, noise: Noise): readonly Uint8Array[] {
  const last = units.findLastIndex((unit) => isVcl(nalType(unit)));
  return units.map((unit, i) => {
    if (i !== last || missing <= 0) return unit;
    const longer = new Uint8Array(unit.length + missing);
    longer.set(unit);
    for (let at = unit.length; at < longer.length; at++) longer[at] = noise.next(longer[at - 1] ?? 0);
    // No byte of the stream's own: a trailing zero would belong to the next start code.
    longer[longer.length - 1] = 0x80;
    return longer;
  });
}

/** A linear congruential generator with a fixed seed. */
class Noise {
  #state = 1;

  next(previous: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    const byte = this.#state >>> 24;
    return byte === 0 && previous === 0 ? 1 : byte;
  }
}
