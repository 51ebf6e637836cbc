import { timescale90k } from '../../units/ticks.ts';

const hour = 3_600 * timescale90k;

/**
 * Whether a keyframe at `time` is for the next run: runs end at the full hours of UTC, so that a folder holds what its name says but for the
 * pictures up to the first keyframe behind it. 90 kHz UTC, both.
 */
export function isInLaterHour(runStart: number, time: number): boolean {
  return Math.floor(time / hour) > Math.floor(runStart / hour);
}
