import type { RunName } from '../../archive/layout/run-name.ts';
import type { ArchiveUri } from '../../archive/playback/archive-uri.ts';
import type { Span } from '../../archive/span/span.ts';
import type { SegmentLocation } from '../../facts/protocol.ts';
import type { StreamName } from '../../units/ids.ts';

/** What this server itself has recorded. */
export interface ArchivePort {
  /** Undefined when nothing of the span is recorded here. */
  playlist(stream: StreamName, span: Span): Promise<string | undefined>;
  /** `ftyp` and `moov` of a run. Rejects with `segment-gone`. */
  init(stream: StreamName, run: RunName): Promise<Uint8Array>;
  /** Rejects with `segment-gone`. */
  segment(stream: StreamName, uri: ArchiveUri & { readonly kind: 'segment' }): Promise<SegmentLocation>;
}
