// RFC 8216bis: the text of playlists. A function of the window alone (and of the live servers, for pathways), so that all servers of the
// group answer alike. Build a text once per window change, not per request.
//
//   mediaPlaylist(window)                   NAME/video.m3u8
//   multivariantPlaylist(window)            NAME/index.m3u8
//   multivariantPlaylist(window, pathways)  NAME/index.m3u8?pathways=1; the asked server first
//
// URIs are relative to NAME/: `segmentUri(number)` and `initUri(id)` make them, `parseSegmentUri` and `parseInitUri` read them back.
import type { InitSegment, LiveSegment, LiveWindow } from './live-window.ts';
import { dateLine, durationLine, headLines, mapLine } from './playlist-lines.ts';

const mediaUri = 'video.m3u8';
/** A player that opens every variant on start (ffmpeg) opens at most so many. */
const mostPathways = 3;

/** Another way to the same stream: a live server, by the address that viewers reach it at. */
export interface Pathway {
  readonly id: string;
  /** Of the stream's `index.m3u8`, without the file: `http://host:port/NAME`. */
  readonly base: string;
}

export function segmentUri(number: number): string {
  return `${number}.m4s`;
}

export function initUri(id: string): string {
  return `init-${id}.mp4`;
}

export function parseSegmentUri(uri: string): number | undefined {
  const digits = /^(\d{1,15})\.m4s$/.exec(uri)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

export function parseInitUri(uri: string): string | undefined {
  return /^init-([0-9a-z]{1,64})\.mp4$/.exec(uri)?.[1];
}

export function mediaPlaylist(window: LiveWindow): string {
  const lines = [
    ...headLines,
    `#EXT-X-TARGETDURATION:${window.targetDuration}`,
    `#EXT-X-MEDIA-SEQUENCE:${window.segments[0]?.number ?? 0}`,
  ];
  let init: string | undefined;
  for (const segment of window.segments) {
    // Changed codec parameters get a new map and no discontinuity: no player stalls at that (docs/decisions/009).
    if (segment.init !== init) lines.push(mapLine(initUri(segment.init)));
    init = segment.init;
    lines.push(...segmentLines(segment));
  }
  return `${lines.join('\n')}\n`;
}

/**
 * One variant; with `pathways` the same variant once on each of these servers (3 at most). When a playlist or segment can't be loaded, hls.js
 * (1.7: error-controller, content-steering-controller) goes on with the next PATHWAY-ID; it needs no EXT-X-CONTENT-STEERING for that, and
 * begins with the first one listed.
 */
export function multivariantPlaylist(window: LiveWindow, pathways: readonly Pathway[] = []): string {
  const variant = variantAttributes(window);
  const lines = [...headLines];
  if (pathways.length === 0) lines.push(`#EXT-X-STREAM-INF:${variant}`, mediaUri);
  for (const { id, base } of pathways.slice(0, mostPathways)) {
    lines.push(`#EXT-X-STREAM-INF:${variant},PATHWAY-ID="${quotable(id)}"`, `${base}/${mediaUri}`);
  }
  return `${lines.join('\n')}\n`;
}

function segmentLines(segment: LiveSegment): string[] {
  return [dateLine(segment.start), durationLine(segment.duration), segmentUri(segment.number)];
}

function variantAttributes(window: LiveWindow): string {
  const newest = window.segments.at(-1)?.init;
  const init = window.inits.find(({ id }) => id === newest);
  const attributes = [`BANDWIDTH=${window.bandwidth.peak}`, `AVERAGE-BANDWIDTH=${window.bandwidth.average}`];
  return [...attributes, ...(init === undefined ? [] : trackAttributes(init))].join(',');
}

function trackAttributes({ codecs, resolution, frameRate }: InitSegment): string[] {
  const attributes = [`CODECS="${quotable(codecs)}"`];
  if (resolution !== undefined) attributes.push(`RESOLUTION=${resolution.width}x${resolution.height}`);
  if (frameRate !== undefined) attributes.push(`FRAME-RATE=${frameRate.toFixed(3)}`);
  return attributes;
}

/** A quoted-string holds no quotes and no line ends (RFC 8216bis 4.2). */
function quotable(text: string): string {
  return text.replace(/["\r\n]/g, '');
}
