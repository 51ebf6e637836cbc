// What an access unit must hold so that a decoder can start with it, whatever it knew before.
import type { Frame } from '../frame.ts';
import type { VideoTrack } from '../track.ts';
import { isPps, isSps } from './h264.ts';

const none: readonly Uint8Array[] = [];

/** The parameter sets to put in front of a frame's units: all of the track's when a keyframe lacks any, else none. */
export function missingParameterSets(
  frame: Pick<Frame, 'keyframe' | 'units'>,
  track: VideoTrack,
): readonly Uint8Array[] {
  if (!frame.keyframe || (frame.units.some(isSps) && frame.units.some(isPps))) return none;
  return [track.sps, ...track.pps];
}
