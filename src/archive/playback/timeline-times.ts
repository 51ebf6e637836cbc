import type { DecodeTime } from '../../media/mp4/decode-time.ts';
import { readFragmentHead } from '../../media/mp4/fragment-head.ts';
import { rescale, timescale90k } from '../../units/ticks.ts';
import type { RunIndex } from '../index/run-index.ts';

/**
 * Where the decode times of a fragment stand, from its first byte, and what they are in UTC: to be put in on the way to a viewer, for in
 * the file they begin at zero. `head`: the fragment's bytes, its `moof` at least. Undefined when they are none of this recording.
 */
export function timelineTimes(index: RunIndex, fragment: number, head: Uint8Array): DecodeTime[] | undefined {
  const { shift } = index.record(fragment);
  const times = readFragmentHead(head)?.map(({ id, decodeTime: { at, value } }) => {
    const track = index.header.tracks.find((one) => one.id === id);
    if (track === undefined) return undefined;
    const later = track.origin + rescale(shift, timescale90k, track.timescale);
    return { at, value: value + BigInt(later) };
  });
  const known = times?.filter((time) => time !== undefined);
  return known?.length === times?.length ? known : undefined;
}
