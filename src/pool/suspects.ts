import type { PooledCapture } from './pooled-capture.ts';

/**
 * Which captures to move to a worker of their own, of one that dies again and again: those that gave no frames in its last life, for who
 * did not get so far may be to blame; where that tells nothing, half of them. Repeated, that leaves what is to blame alone. None, where
 * there is nobody to be parted from.
 */
export function suspects(captures: readonly PooledCapture[]): readonly PooledCapture[] {
  if (captures.length < 2) return [];
  const silent = captures.filter(({ hasFrames }) => !hasFrames);
  if (silent.length > 0 && silent.length < captures.length) return silent;
  return captures.slice(0, Math.ceil(captures.length / 2));
}
