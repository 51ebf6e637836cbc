import { expect, test } from 'vitest';
import { demoClip } from '../../test/support/clip-camera.ts';
import { CollectingSink } from '../../test/support/collecting-sink.ts';
import { sampleOf } from '../../test/support/sample-of.ts';
import { TsDemuxer } from '../media/mpegts/demuxer.ts';
import type { TimedFrame } from '../timeline/timed-frame.ts';
import { ticks } from '../units/ticks.ts';
import { MpegtsOutput, type MpegtsPiece } from './mpegts-output.ts';

const clip = demoClip('gate');

interface Held {
  readonly frames: TimedFrame[];
  /** Frames that somebody still has a hold on. */
  readonly holds: () => number;
}

/** The clip's first frames, counting who holds them. */
function heldFrames(count: number): Held {
  let holds = 0;
  const memory = { hold: () => void holds++, release: () => void holds-- };
  const frames = clip.frames
    .slice(0, count)
    .map((frame) => ({ ...frame, duration: ticks(3_600), sample: sampleOf(frame, clip.tracks), memory }));
  return { frames, holds: () => holds };
}

function output(): { output: MpegtsOutput; pieces: MpegtsPiece[] } {
  const pieces: MpegtsPiece[] = [];
  const output = new MpegtsOutput((piece) => pieces.push(piece));
  output.want(true);
  return { output, pieces };
}

function videoFrames(pieces: readonly MpegtsPiece[]): number {
  const sink = new CollectingSink();
  const demuxer = new TsDemuxer(sink);
  for (const { data } of pieces) demuxer.push(data);
  demuxer.flush();
  return sink.frames.filter(({ units }) => units.some((unit) => [1, 5].includes((unit[0] ?? 0) & 31))).length;
}

const videoOf = (frames: readonly TimedFrame[]): TimedFrame[] =>
  frames.filter(({ track }) => clip.tracks[track]?.kind === 'video');

test('what came since the keyframe before the timeline was known goes out with the first frame behind it', () => {
  const { output: mpegts, pieces } = output();
  const { frames, holds } = heldFrames(200);
  const video = videoOf(frames);
  const second = video.findIndex((frame, index) => index > 0 && frame.keyframe);
  expect(second).toBeGreaterThan(0);
  const turn = second + 10;
  for (const frame of video.slice(0, turn)) mpegts.wait(frame, clip.tracks);
  expect(pieces).toEqual([]);
  for (const frame of video.slice(turn)) mpegts.push(frame, clip.tracks, 0);
  mpegts.flush();
  expect(pieces[0]?.keyframe).toBe(true);
  expect(videoFrames(pieces)).toBe(video.length - second);
  expect(holds()).toBe(0);
});

test('a viewer that is gone, and a hole, let go of what waits', () => {
  const { output: mpegts, pieces } = output();
  const { frames, holds } = heldFrames(40);
  for (const frame of frames) mpegts.wait(frame, clip.tracks);
  expect(holds()).toBeGreaterThan(0);
  mpegts.want(false);
  expect(holds()).toBe(0);
  mpegts.want(true);
  for (const frame of frames) mpegts.wait(frame, clip.tracks);
  mpegts.flush();
  expect(holds()).toBe(0);
  expect(pieces).toEqual([]);
});

test('viewers who were expected get what came since the newest keyframe, and until they come nothing is muxed', () => {
  const { output: mpegts, pieces } = output();
  mpegts.want(false);
  mpegts.expect(true);
  const { frames, holds } = heldFrames(200);
  const video = videoOf(frames);
  const second = video.findIndex((frame, index) => index > 0 && frame.keyframe);
  for (const frame of video.slice(0, second + 10)) mpegts.push(frame, clip.tracks, 0);
  expect(pieces).toEqual([]);
  expect(holds()).toBe(10);
  mpegts.want(true);
  for (const frame of video.slice(second + 10)) mpegts.push(frame, clip.tracks, 0);
  mpegts.flush();
  expect(videoFrames(pieces)).toBe(video.length - second);
  expect(holds()).toBe(0);
});

test('viewers who are expected no longer cost nothing, and begin with the next keyframe', () => {
  const { output: mpegts, pieces } = output();
  mpegts.want(false);
  mpegts.expect(true);
  const { frames, holds } = heldFrames(200);
  const video = videoOf(frames);
  const second = video.findIndex((frame, index) => index > 0 && frame.keyframe);
  for (const frame of video.slice(0, 10)) mpegts.push(frame, clip.tracks, 0);
  mpegts.expect(false);
  expect(holds()).toBe(0);
  mpegts.want(true);
  for (const frame of video.slice(10)) mpegts.push(frame, clip.tracks, 0);
  mpegts.flush();
  expect(videoFrames(pieces)).toBe(video.length - second);
});
