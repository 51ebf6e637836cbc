import type { SegmentLocation } from '../../facts/protocol.ts';
import type { LiveSegment } from '../../hls/live-window.ts';
import type { Segment } from '../../hls/segmenter.ts';
import { ticks } from '../../units/ticks.ts';
import type { RecordedFragment } from '../run/recorded-fragment.ts';

/** What a playlist says of it. */
export function liveSegment(segment: Segment<RecordedFragment>): Omit<LiveSegment, 'holder'> {
  const first = segment.fragments[0];
  return {
    number: segment.number,
    start: ticks(segment.start),
    duration: ticks(segment.end - segment.start),
    keyframeHash: first?.hash ?? '',
    init: first?.init ?? '',
    bytes: byteLength(segment),
  };
}

/** Where its bytes lie, and the decode times that put them onto the group's timeline. */
export function segmentLocation(segment: Segment<RecordedFragment>): SegmentLocation {
  const first = segment.fragments[0];
  const offset = first?.offset ?? 0;
  const decodeTimes = segment.fragments.flatMap((fragment) =>
    fragment.decodeTimes.map(({ at, dts }) => ({ at: fragment.offset - offset + at, value: BigInt(dts) })),
  );
  return { path: first?.run.path ?? '', offset, length: byteLength(segment), decodeTimes };
}

function byteLength(segment: Segment<RecordedFragment>): number {
  return segment.fragments.reduce((sum, fragment) => sum + fragment.length, 0);
}
