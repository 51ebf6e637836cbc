import type { Track } from '../../media/track.ts';

/** Which of an input's tracks are carried: players of one segment stream take one video and one audio track. */
export interface TrackSelection {
  readonly tracks: readonly Track[];
  /** From the input's index to one's own; absent for tracks that are left out. */
  readonly indexOf: readonly (number | undefined)[];
  /** One's own index of the video track. */
  readonly video: number | undefined;
}

export function selectTracks(input: readonly Track[]): TrackSelection {
  const chosen = [
    input.findIndex(({ kind }) => kind === 'video'),
    input.findIndex(({ kind }) => kind === 'audio'),
  ].filter((index) => index >= 0);
  const tracks = chosen.flatMap((index) => input[index] ?? []);
  return {
    tracks,
    indexOf: input.map((_, index) => (chosen.includes(index) ? chosen.indexOf(index) : undefined)),
    video: tracks[0]?.kind === 'video' ? 0 : undefined,
  };
}

/** Whether frames of one follow those of the other on the same clocks, though their codec parameters may differ. */
export function sameLayout(a: TrackSelection, b: TrackSelection): boolean {
  return (
    a.tracks.length === b.tracks.length &&
    a.tracks.every(({ kind, timescale }, index) => {
      const other = b.tracks[index];
      return other?.kind === kind && other.timescale === timescale;
    })
  );
}

/** Whether a decoder set up for the one decodes the other. */
export function sameParameters(a: Track, b: Track | undefined): boolean {
  if (a === b) return true;
  if (a.kind === 'video' && b?.kind === 'video') {
    return (
      equalBytes(a.sps, b.sps) && a.pps.length === b.pps.length && a.pps.every((pps, i) => equalBytes(pps, b.pps[i]))
    );
  }
  return a.kind === 'audio' && b?.kind === 'audio' && equalBytes(a.config, b.config);
}

function equalBytes(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && a.length === b.length && a.every((byte, index) => byte === b[index]);
}
