import { framesPerClip } from '../../src/demo/cameras/frame-code.ts';
import type { ShownFrame, ViewerReport } from './browser.ts';

const framesPerSecond = 25;
/** The picture that is read may be the next one already when the machine is busy. */
const readingError = 2;

/** What a viewer noticed from a moment on (milliseconds since 1970): nothing, when all went well. */
export function noticedSince(report: ViewerReport, since: number): string[] {
  const after = <T extends { readonly at: number }>(list: readonly T[]): T[] => list.filter(({ at }) => at >= since);
  return [
    ...after(report.stalls).map(({ ms, position }) => `stood still for ${Math.round(ms)} ms at ${position}`),
    ...after(report.seeks).map(({ to }) => `went on at ${to}`),
    ...after(report.errors).map(({ what }) => what),
    ...wrongPictures(after(report.frames)),
  ];
}

/**
 * Pictures that don't belong where they were shown: frame numbers and the player's time advance together while nothing is lost, repeated or
 * moved, whatever a busy compositor leaves out.
 */
function wrongPictures(frames: readonly ShownFrame[]): string[] {
  const [first] = frames;
  if (first === undefined) return ['nothing was shown'];
  return frames.flatMap(({ number, mediaTime }) => {
    if (number === null || first.number === null) return [`an unreadable picture at ${mediaTime}`];
    const expected = first.number + (mediaTime - first.mediaTime) * framesPerSecond;
    return distance(number, expected) <= readingError ? [] : [`picture ${number} at ${mediaTime}, not ${expected}`];
  });
}

/** Between two places of the endless clip, frames. */
function distance(a: number, b: number): number {
  const step = Math.abs(a - b) % framesPerClip;
  return Math.min(step, framesPerClip - step);
}
