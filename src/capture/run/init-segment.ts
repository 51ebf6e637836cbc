import type { InitSegment } from '../../hls/live-window.ts';
import type { Track } from '../../media/track.ts';
import type { Digest } from './digest.ts';

/** Of a hexadecimal digest: 64 bits, for the handful of parameter sets that one stream ever has. */
const idLength = 16;

export function initSegment(tracks: readonly Track[], data: Uint8Array, digest: Digest): InitSegment {
  const video = tracks.find((track) => track.kind === 'video');
  return {
    id: digest([data]).slice(0, idLength),
    data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
    codecs: tracks.map(({ codecString }) => codecString).join(','),
    resolution: video === undefined ? undefined : { width: video.width, height: video.height },
    frameRate: video?.frameRate,
  };
}
