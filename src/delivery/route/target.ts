import { type ArchiveUri, archiveUris, parseArchiveUri } from '../../archive/playback/archive-uri.ts';
import { initUri, parseInitUri, parseSegmentUri, segmentUri } from '../../hls/playlist.ts';
import { type StreamName, streamName } from '../../units/ids.ts';

/** What a viewer asks for: a stream, and which face of it. */
export type Target = { readonly stream: StreamName } & (
  | { readonly kind: 'multivariant' | 'media' | 'mpegts' | 'player' }
  | { readonly kind: 'segment'; readonly segment: number }
  | { readonly kind: 'init'; readonly init: string }
  /** Seconds since 1970, and seconds. */
  | { readonly kind: 'archive'; readonly from: number; readonly duration: number }
  /** What a list of the archive names. */
  | { readonly kind: 'recorded'; readonly uri: ArchiveUri }
);

/** Longer than every real path; what is longer isn't looked at. */
const longestPath = 1024;

/** A time of the next millennia, and not more than a month. */
const archivePattern = /^archive-(\d{1,11})-(\d{1,7})\.m3u8$/;

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
  const [, from, duration] = archivePattern.exec(file) ?? [];
  if (from !== undefined) return { kind: 'archive', stream, from: Number(from), duration: Number(duration) };
  const uri = parseArchiveUri(file);
  if (uri !== undefined) return { kind: 'recorded', stream, uri };
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
    case 'archive':
      return `archive-${target.from}-${target.duration}.m3u8`;
    case 'recorded':
      return recordedUri(target.uri);
  }
}

function recordedUri(uri: ArchiveUri): string {
  const uris = archiveUris(uri.run);
  return uri.kind === 'init' ? uris.init : uris.segment(uri.first, uri.last);
}
