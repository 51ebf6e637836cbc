import type { TrackFact } from '../../facts/protocol.ts';
import type { Track, UnsupportedTrack } from '../../media/track.ts';

/** What the API says of the tracks, those that are not carried among them. */
export function trackFacts(tracks: readonly Track[], unsupported: readonly UnsupportedTrack[]): TrackFact[] {
  return [...tracks.map(carried), ...unsupported.map(({ codec }) => ({ kind: 'unsupported' as const, codec }))];
}

function carried(track: Track): TrackFact {
  const { kind, codecString } = track;
  if (kind === 'video') return { kind, codec: codecString, width: track.width, height: track.height };
  return { kind, codec: codecString, sampleRate: track.sampleRate, channels: track.channels };
}
