import { expect, test } from 'vitest';
import { instant, unixMicros } from '../../units/time.ts';
import { type SessionStart, TrackClock } from './track-clock.ts';

/** A source whose video and audio count from random starts; `t` are seconds since it began. */
function source() {
  const session: SessionStart = { at: undefined };
  const video = new TrackClock(90_000, session);
  const audio = new TrackClock(48_000, session);
  const stamp = (clock: TrackClock, start: number, t: number): number => (start + Math.round(t * clock.rate)) % 2 ** 32;
  return {
    video,
    audio,
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

test('reports of both move the audio, once', () => {
  const { video, audio, videoAt, audioAt, reportVideo, reportAudio } = source();
  videoAt(5);
  // Sent with the video, but it took half a second.
  expect(audioAt(5, 0.5)).toBeCloseTo(0.5);
  reportVideo(6);
  expect(audio.align(video)).toBe(0);
  reportAudio(6);
  expect(audio.align(video)).toBeCloseTo(-0.5);
  expect(audioAt(7)).toBeCloseTo(2);
  expect(videoAt(7)).toBeCloseTo(2);
  reportVideo(11);
  reportAudio(11);
  expect(audio.align(video)).toBe(0);
});

test('what is hardly heard is left alone', () => {
  const { video, audio, videoAt, audioAt, reportVideo, reportAudio } = source();
  videoAt(0);
  audioAt(0, 0.03);
  reportVideo(1);
  reportAudio(1);
  expect(audio.align(video)).toBe(0);
});

test('once aligned, a single odd report moves nothing; a clock that really drifted does', () => {
  const { video, audio, videoAt, audioAt, reportVideo, reportAudio } = source();
  videoAt(0);
  audioAt(0);
  const later = (t: number, drift: number): number | undefined => {
    reportVideo(t);
    reportAudio(t, t - drift);
    return audio.align(video);
  };
  expect(later(1, 0)).toBe(0);
  expect([later(5, 0.2), later(10, 0), later(15, 0.2), later(20, 0.2)]).toEqual([0, 0, 0, 0]);
  expect(later(25, 0.2)).toBeCloseTo(-0.2);
});

test('reports of unrelated clocks are not believed', () => {
  const { video, audio, videoAt, audioAt, reportVideo, reportAudio } = source();
  videoAt(0);
  audioAt(0);
  reportVideo(1, 1);
  reportAudio(1, 3600);
  expect(audio.align(video)).toBeUndefined();
  expect(audioAt(2)).toBeCloseTo(2);
});
