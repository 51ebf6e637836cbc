import type { Frame } from '../../src/media/frame.ts';
import { putSample, sampleLength, sampleUnits } from '../../src/media/mp4/sample-layout.ts';
import type { Track } from '../../src/media/track.ts';

/** The frame's bytes as a file has them. */
export function sampleOf(frame: Frame, tracks: readonly Track[]): Uint8Array {
  const track = tracks[frame.track];
  if (track === undefined) throw new Error(`no track ${frame.track}`);
  const units = sampleUnits(frame, track);
  const sample = new Uint8Array(sampleLength(units, track));
  putSample(units, track, sample, 0);
  return sample;
}
