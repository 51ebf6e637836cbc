import { initUri, parseInitUri, parseSegmentUri, segmentUri } from '../../hls/playlist.ts';
import { type StreamName, streamName } from '../../units/ids.ts';

/** What a viewer asks for: a stream, and which face of it. */
export type Target = { readonly stream: StreamName } & (
  | { readonly kind: 'multivariant' | 'media' | 'mpegts' | 'player' }
  | { readonly kind: 'segment'; readonly segment: number }
  | { readonly kind: 'init'; readonly init: string }
);

/** Longer than every real path; what is longer isn't looked at. */
const longestPath = 1024;

/** Faces with a fixed file name. An empty name is the stream's folder: its player page. */
const fixedFiles: ReadonlyMap<string, 'multivariant' | 'media' | 'mpegts' | 'player'> = new Map([
  ['index.m3u8', 'multivariant'],
  ['video.m3u8', 'media'],
  ['mpegts', 'mpegts'],
  ['embed.html', 'player'],
  ['', 'player'],
]);

/**
 * Reads a URL's path, percent signs and all; total. The stream's name is everything before the last slash, as the viewer wrote it:
 * whether such a stream exists is asked of the configuration, and no name ever becomes part of a file's path.
 */
export function parseTarget(path: string): Target | undefined {
  if (path.length > longestPath) return undefined;
  const decoded = decode(path);
  if (decoded === undefined) return undefined;
  const slash = decoded.lastIndexOf('/');
  if (slash < 2 || decoded[0] !== '/') return undefined;
  const stream = streamName(decoded.slice(1, slash));
  return parseFile(stream, decoded.slice(slash + 1));
}

function parseFile(stream: StreamName, file: string): Target | undefined {
  const kind = fixedFiles.get(file);
  if (kind !== undefined) return { kind, stream };
  const segment = parseSegmentUri(file);
  if (segment !== undefined) return { kind: 'segment', stream, segment };
  const init = parseInitUri(file);
  if (init !== undefined) return { kind: 'init', stream, init };
  return undefined;
}

function decode(path: string): string | undefined {
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

/** The path of a target, the same on every server; `parseTarget` reads it back. */
export function targetPath(target: Target): string {
  return `${streamPath(target.stream)}/${fileName(target)}`;
}

/** `/NAME` as a URL's path. */
export function streamPath(stream: StreamName): string {
  return `/${stream.split('/').map(encodeURIComponent).join('/')}`;
}

function fileName(target: Target): string {
  switch (target.kind) {
    case 'multivariant':
      return 'index.m3u8';
    case 'media':
      return 'video.m3u8';
    case 'mpegts':
      return 'mpegts';
    case 'player':
      return 'embed.html';
    case 'segment':
      return segmentUri(target.segment);
    case 'init':
      return initUri(target.init);
  }
}
