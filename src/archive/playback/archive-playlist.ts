import { dateLine, durationLine, headLines, mapLine } from '../../hls/playlist-lines.ts';
import { timescale90k } from '../../units/ticks.ts';
import type { RunName } from '../layout/run-name.ts';
import { seam } from '../span/span.ts';
import { archiveUris } from './archive-uri.ts';
import type { Gap, Piece } from './cut-pieces.ts';
import { segmentsOf } from './segments.ts';

export interface ArchivePlaylistOptions {
  /** `vod`: all there is, with an end. `event`: more will be listed behind it. `sliding`: and the beginning leaves. */
  readonly type: 'vod' | 'event' | 'sliding';
  /** EXT-X-TARGETDURATION in seconds, where no segment is longer. */
  readonly targetDuration: number;
  /** Of the first segment, where earlier ones were listed before: how many they were, and how many discontinuities. */
  readonly before?: { readonly segments: number; readonly discontinuities: number };
}

/**
 * RFC 8216bis: the media playlist of pieces and gaps. It goes over a gap, and over other codec parameters, with a discontinuity; over other
 * seams without one, for decode times are UTC in all that is served.
 */
export function archivePlaylist(
  parts: readonly (Piece<RunName> | Gap)[],
  { type, targetDuration, before }: ArchivePlaylistOptions,
): string {
  const lines: string[] = [];
  let longest = targetDuration;
  let last: Piece<RunName> | undefined;
  for (const piece of parts) {
    const segments = piece.kind === 'gap' ? [] : segmentsOf(piece);
    if (piece.kind === 'gap' || segments.length === 0) continue;
    const uris = archiveUris(piece.run);
    const newInit = last === undefined || !sameInit(last, piece);
    if (last !== undefined && (newInit || Math.abs(piece.start - last.end) > seam)) lines.push('#EXT-X-DISCONTINUITY');
    if (newInit) lines.push(mapLine(uris.init));
    lines.push(dateLine(piece.start));
    for (const { first, last: until, start, end } of segments) {
      longest = Math.max(longest, Math.round((end - start) / timescale90k));
      lines.push(durationLine(end - start), uris.segment(first, until));
    }
    last = piece;
  }
  const head = [...headLines, `#EXT-X-TARGETDURATION:${longest}`, `#EXT-X-MEDIA-SEQUENCE:${before?.segments ?? 0}`];
  if (before !== undefined) head.push(`#EXT-X-DISCONTINUITY-SEQUENCE:${before.discontinuities}`);
  if (type !== 'sliding') head.push(`#EXT-X-PLAYLIST-TYPE:${type.toUpperCase()}`);
  return `${[...head, ...lines, ...(type === 'vod' ? ['#EXT-X-ENDLIST'] : [])].join('\n')}\n`;
}

/** The same parameters, whichever run they are written in. */
function sameInit(a: Piece<RunName>, b: Piece<RunName>): boolean {
  const [one, other] = [a.index.header.init, b.index.header.init];
  return one.length === other.length && one.checksum === other.checksum;
}
