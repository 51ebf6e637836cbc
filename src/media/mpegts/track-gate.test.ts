import { expect, test } from 'vitest';
import { CollectingSink } from '../../../test/support/collecting-sink.ts';
import { type Ticks, ticks } from '../../units/ticks.ts';
import { aacTrack } from '../codec/aac.ts';
import type { VideoTrack } from '../track.ts';
import { TrackGate, type TrackSlot, trackSlot } from './track-gate.ts';

const audioTrack = aacTrack({ objectType: 2, sampleRate: 48_000, channelConfiguration: 2 });
const videoTrack: VideoTrack = {
  kind: 'video',
  codec: 'h264',
  timescale: 90_000,
  sps: Uint8Array.of(0x67),
  pps: [],
  width: 16,
  height: 16,
  frameRate: undefined,
  codecString: 'avc1.42001e',
};
const subtitles = { kind: 'unsupported', codec: 'DVB subtitles' } as const;

function gate(): { sink: CollectingSink; gate: TrackGate; video: TrackSlot; audio: TrackSlot } {
  const sink = new CollectingSink();
  const opened = new TrackGate(sink);
  const video = trackSlot('video');
  const audio = trackSlot('audio');
  opened.expect([video, audio], [subtitles]);
  return { sink, gate: opened, video, audio };
}

function send(to: TrackGate, slot: TrackSlot, dts: number, bytes = 1): void {
  const at: Ticks = ticks(dts);
  to.frame(slot, at, at, true, [new Uint8Array(bytes)]);
}

const order = (sink: CollectingSink): string[] => sink.frames.map(({ track, dts }) => `${track}@${dts}`);

test('frames wait until all tracks are known, and come in the order of the source', () => {
  const { sink, gate: to, video, audio } = gate();
  to.track(audio, audioTrack);
  send(to, audio, 0);
  expect(sink.announced).toEqual([]);
  to.track(video, videoTrack);
  send(to, video, 3600);
  expect(sink.announced).toEqual([{ tracks: [videoTrack, audioTrack], unsupported: [subtitles] }]);
  expect(order(sink)).toEqual(['1@0', '0@3600']);
});

test('audio that never comes is waited for for two seconds of video', () => {
  const { sink, gate: to, video } = gate();
  to.track(video, videoTrack);
  for (let dts = 0; dts <= 180_000; dts += 3600) send(to, video, dts);
  expect(sink.announced).toEqual([]);
  send(to, video, 183_600);
  expect(sink.announced).toEqual([{ tracks: [videoTrack], unsupported: [subtitles] }]);
  expect(sink.frames).toHaveLength(52);
});

test('video is waited for as long as a GOP may be', () => {
  const { sink, gate: to, audio } = gate();
  to.track(audio, audioTrack);
  for (let dts = 0; dts <= 12 * 48_000; dts += 1024) send(to, audio, dts);
  expect(sink.announced).toEqual([]);
  send(to, audio, 13 * 48_000);
  expect(sink.announced).toEqual([{ tracks: [audioTrack], unsupported: [subtitles] }]);
});

test('a track that comes after all is announced with the others', () => {
  const { sink, gate: to, video, audio } = gate();
  to.track(audio, audioTrack);
  for (let dts = 0; dts <= 13 * 48_000; dts += 1024) send(to, audio, dts);
  to.track(video, videoTrack);
  send(to, video, 0);
  send(to, audio, 14 * 48_000);
  expect(sink.announced.at(-1)).toEqual({ tracks: [videoTrack, audioTrack], unsupported: [subtitles] });
  expect(order(sink).slice(-2)).toEqual(['0@0', `1@${14 * 48_000}`]);
});

test('a clock that jumps does not lengthen the wait, and much data or many frames shorten it', () => {
  const jumping = gate();
  jumping.gate.track(jumping.video, videoTrack);
  send(jumping.gate, jumping.video, 10 ** 9);
  send(jumping.gate, jumping.video, 0);
  expect(jumping.sink.frames).toHaveLength(2);
  const heavy = gate();
  heavy.gate.track(heavy.video, videoTrack);
  send(heavy.gate, heavy.video, 0, 5_000_000);
  send(heavy.gate, heavy.video, 1, 5_000_000);
  expect(heavy.sink.frames).toHaveLength(2);
  const standing = gate();
  standing.gate.track(standing.video, videoTrack);
  for (let i = 0; i < 2001; i++) send(standing.gate, standing.video, 0);
  expect(standing.sink.frames).toHaveLength(2001);
});

test('the same tracks are not announced twice, changed ones are', () => {
  const { sink, gate: to, video, audio } = gate();
  to.track(video, videoTrack);
  to.track(audio, audioTrack);
  to.expect([video, audio], [subtitles]);
  expect(sink.announced).toHaveLength(1);
  to.expect([video], []);
  expect(sink.announced.at(-1)).toEqual({ tracks: [videoTrack], unsupported: [] });
  to.track(video, { ...videoTrack, width: 32 });
  expect(sink.announced).toHaveLength(3);
});

test('frames of a stream that left the program are dropped', () => {
  const { sink, gate: to, video, audio } = gate();
  to.track(video, videoTrack);
  to.track(audio, audioTrack);
  to.expect([video], []);
  send(to, audio, 0);
  expect(sink.frames).toEqual([]);
});

test('at the end of the source what is held comes out', () => {
  const { sink, gate: to, video } = gate();
  to.track(video, videoTrack);
  send(to, video, 0);
  to.flush();
  expect(order(sink)).toEqual(['0@0']);
});

test('a program without any track that can be carried is told at once', () => {
  const sink = new CollectingSink();
  new TrackGate(sink).expect([], [subtitles]);
  expect(sink.announced).toEqual([{ tracks: [], unsupported: [subtitles] }]);
});
