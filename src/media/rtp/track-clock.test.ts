import { expect, test } from 'vitest';
import { instant, unixMicros } from '../../units/time.ts';
import { type SessionStart, TrackClock } from './track-clock.ts';

/** A source whose video and audio count from random starts; `t` are seconds since it began. */
function source() {
  const session: SessionStart = { at: undefined };
  const video = new TrackClock(90_000, session);
  const audio = new TrackClock(48_000, session);
  const told: string[] = [];
  audio.follow(video, () => told.push('unrelated'));
  const stamp = (clock: TrackClock, start: number, t: number): number => (start + Math.round(t * clock.rate)) % 2 ** 32;
  return {
    told,
    /** Seconds on the session's clock of what was sent at `t` and arrived `late` seconds later. */
    videoAt: (t: number, late = 0) => video.ticks(stamp(video, 0xfffffff0, t), instant(1000 * (t + late))) / 90_000,
    audioAt: (t: number, late = 0) => audio.ticks(stamp(audio, 77, t), instant(1000 * (t + late))) / 48_000,
    reportVideo: (t: number, wall = t) => video.report(reportOf(stamp(video, 0xfffffff0, t), wall)),
    reportAudio: (t: number, wall = t) => audio.report(reportOf(stamp(audio, 77, t), wall)),
  };
}

function reportOf(timestamp: number, wall: number) {
  return { ssrc: 1, timestamp, ntpMiddle: 0, at: unixMicros(1_700_000_000_000_000 + Math.round(wall * 1e6)) };
}

test('before reports, tracks are where they arrive', () => {
  const { videoAt, audioAt } = source();
  expect(videoAt(5)).toBe(0);
  expect(audioAt(5.25)).toBeCloseTo(0.25);
  expect(videoAt(6)).toBeCloseTo(1);
});

test('reports of both move the audio', () => {
  const { videoAt, audioAt, reportVideo, reportAudio } = source();
  videoAt(5);
  // Sent with the video, but it took half a second.
  expect(audioAt(5, 0.5)).toBeCloseTo(0.5);
  reportVideo(6);
  expect(audioAt(6)).toBeCloseTo(1.5);
  reportAudio(6);
  expect(audioAt(7)).toBeCloseTo(2);
  expect(videoAt(7)).toBeCloseTo(2);
  reportVideo(11);
  reportAudio(11);
  expect(audioAt(12)).toBeCloseTo(7);
});

test('reports that came first count from the first packet on, whichever track is first', () => {
  const one = source();
  one.reportVideo(4);
  one.reportAudio(4);
  expect(one.videoAt(5)).toBe(0);
  expect(one.audioAt(5, 0.5)).toBeCloseTo(0);
  const other = source();
  other.reportVideo(4);
  other.reportAudio(4);
  expect(other.audioAt(5)).toBe(0);
  expect(other.videoAt(5, 0.5)).toBeCloseTo(0.5);
  expect(other.audioAt(6)).toBeCloseTo(1.5);
});

test('what is hardly heard is left alone', () => {
  const { videoAt, audioAt, reportVideo, reportAudio } = source();
  videoAt(0);
  audioAt(0, 0.03);
  reportVideo(1);
  reportAudio(1);
  expect(audioAt(2)).toBeCloseTo(2.03);
});

test('once aligned, a single odd report moves nothing; a clock that really drifted does', () => {
  const { videoAt, audioAt, reportVideo, reportAudio } = source();
  videoAt(0);
  audioAt(0);
  const heardBehind = (t: number, drift: number): number => {
    reportVideo(t);
    reportAudio(t, t - drift);
    return t - audioAt(t);
  };
  heardBehind(1, 0);
  for (const drift of [0.2, 0, 0.2, 0.2]) expect(heardBehind(5, drift)).toBeCloseTo(0);
  const moved = [0.2, 0.2, 0.2].map((drift) => heardBehind(25, drift));
  expect(moved.at(-1)).toBeCloseTo(0.2);
});

test('reports of unrelated clocks are not believed', () => {
  const { told, videoAt, audioAt, reportVideo, reportAudio } = source();
  videoAt(0);
  audioAt(0);
  reportVideo(1, 1);
  reportAudio(1, 3600);
  expect(told).toEqual(['unrelated']);
  expect(audioAt(2)).toBeCloseTo(2);
});
