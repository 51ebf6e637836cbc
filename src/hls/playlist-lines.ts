// RFC 8216bis: lines that live and archive playlists have in common.
import { rescale, type Ticks, timescale90k } from '../units/ticks.ts';

/** EXT-X-MAP in a playlist of media segments, with all that this project writes. */
const version = 7;

export const headLines: readonly string[] = ['#EXTM3U', `#EXT-X-VERSION:${version}`, '#EXT-X-INDEPENDENT-SEGMENTS'];

export function mapLine(uri: string): string {
  return `#EXT-X-MAP:URI="${uri}"`;
}

/** `start`: UTC, 90 kHz. */
export function dateLine(start: Ticks): string {
  return `#EXT-X-PROGRAM-DATE-TIME:${new Date(rescale(start, timescale90k, 1_000)).toISOString()}`;
}

/** `duration`: 90 kHz. */
export function durationLine(duration: number): string {
  return `#EXTINF:${(duration / timescale90k).toFixed(3)},`;
}
