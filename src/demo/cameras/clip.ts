import { type Frame, ownFrame } from '../../media/frame.ts';
import { TsDemuxer } from '../../media/mpegts/demuxer.ts';
import type { AudioTrack, Track, VideoTrack } from '../../media/track.ts';
import { assert } from '../../units/assert.ts';
import { rescale, timescale90k } from '../../units/ticks.ts';

/** One frame of a clip; times in 90 kHz ticks. */
export interface ClipFrame {
  readonly kind: 'video' | 'audio';
  readonly dts: number;
  readonly pts: number;
  readonly keyframe: boolean;
  readonly units: readonly Uint8Array[];
}

/** A clip as frames, in the order in which they are sent. */
export interface Clip {
  readonly video: VideoTrack;
  readonly audio: AudioTrack | undefined;
  readonly frames: readonly ClipFrame[];
  /** 90 kHz ticks from the first video frame to the one that would follow the last. */
  readonly length90k: number;
}

/** Reads a transport stream that begins with a keyframe. */
export function readClip(bytes: Uint8Array): Clip {
  let tracks: readonly Track[] = [];
  const frames: Frame[] = [];
  const demuxer = new TsDemuxer({
    tracks: (found) => {
      tracks = found;
    },
    frame: (frame) => frames.push(ownFrame(frame)),
    damage: ({ detail }) => assert(false, `the clip is undamaged: ${detail}`),
  });
  demuxer.push(bytes);
  demuxer.flush();
  const video = tracks.find((track) => track.kind === 'video');
  assert(video !== undefined, 'the clip has video');
  const clipFrames = frames.map((frame) => clipFrame(frame, tracks[frame.track])).sort((a, b) => a.dts - b.dts);
  const times = clipFrames.filter(({ kind }) => kind === 'video').map(({ dts }) => dts);
  const span = (times.at(-1) ?? 0) - (times[0] ?? 0);
  const length90k = Math.round((span / (times.length - 1)) * times.length);
  return { video, audio: tracks.find((track) => track.kind === 'audio'), frames: clipFrames, length90k };
}

function clipFrame(frame: Frame, track: Track | undefined): ClipFrame {
  assert(track !== undefined, 'frames have tracks');
  const to90k = (value: Frame['dts']): number => rescale(value, track.timescale, timescale90k);
  return {
    kind: track.kind,
    dts: to90k(frame.dts),
    pts: to90k(frame.pts),
    keyframe: track.kind === 'video' && frame.keyframe,
    units: frame.units,
  };
}

/** A keyframe weighs as much as this many other frames, as in real streams. */
const keyframeWeight = 8;

/**
 * The clip with its pictures grown to a bit rate, for measuring: the frames' slices are followed by cabac_zero_words (ITU-T H.264 clause
 * 7.4.2.10), which decoders pass over. So a clip of 340 KB loads receivers as a camera of any rate does.
 */
export function grownClip(clip: Clip, bitsPerSecond: number): Clip {
  const video = clip.frames.filter(({ kind }) => kind === 'video');
  const weights = video.reduce((sum, { keyframe }) => sum + (keyframe ? keyframeWeight : 1), 0);
  const share = (bitsPerSecond / 8) * (clip.length90k / timescale90k / weights);
  const frames = clip.frames.map((frame) => {
    if (frame.kind === 'audio') return frame;
    const last = frame.units.at(-1);
    const missing =
      share * (frame.keyframe ? keyframeWeight : 1) - frame.units.reduce((sum, { length }) => sum + length, 0);
    if (last === undefined || missing <= 0) return frame;
    return { ...frame, units: [...frame.units.slice(0, -1), withZeroWords(last, Math.floor(missing / 3))] };
  });
  return { ...clip, frames };
}

function withZeroWords(unit: Uint8Array, words: number): Uint8Array {
  const grown = new Uint8Array(unit.length + 3 * words);
  grown.set(unit);
  for (let at = unit.length + 2; at < grown.length; at += 3) grown[at] = 3;
  return grown;
}
