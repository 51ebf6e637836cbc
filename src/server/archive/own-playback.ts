import { IndexCache } from '../../archive/catalogue/index-cache.ts';
import type { ArchiveDisk } from '../../archive/disk/archive-disk.ts';
import type { RunIndex } from '../../archive/index/run-index.ts';
import type { RunName } from '../../archive/layout/run-name.ts';
import { runPath } from '../../archive/layout/run-path.ts';
import { archivePlaylist } from '../../archive/playback/archive-playlist.ts';
import type { ArchiveUri } from '../../archive/playback/archive-uri.ts';
import { findPieces } from '../../archive/playback/find-pieces.ts';
import { timelineTimes } from '../../archive/playback/timeline-times.ts';
import type { Span } from '../../archive/span/span.ts';
import { diskIndexes } from '../../archive/store/disk-indexes.ts';
import type { ArchivePort } from '../../delivery/ports/archive-port.ts';
import type { SegmentLocation } from '../../facts/protocol.ts';
import { AppError } from '../../units/app-error.ts';
import type { StreamName } from '../../units/ids.ts';
import type { Ticks } from '../../units/ticks.ts';
import type { Instant, Millis } from '../../units/time.ts';
import type { ArchiveRoot } from './archive-root.ts';

/** Of the longest segments that are recorded, some times over: what a forged address may cost. */
const mostFragments = 2_000;
/** Enough for the `moof` of half a second. */
const headBytes = 16 * 1024;

export interface OwnPlaybackOptions {
  readonly rootOf: (stream: StreamName) => ArchiveRoot | undefined;
  /** Somebody reads the run. */
  readonly held: (stream: StreamName, run: RunName, now: Instant) => void;
  readonly monotonic: () => Instant;
  /** UTC of the group. */
  readonly now: () => Ticks;
  readonly segmentDuration: (stream: StreamName) => Millis;
}

/** Plays what lies in this server's own roots. */
export class OwnPlayback implements ArchivePort {
  readonly #options: OwnPlaybackOptions;
  /** Of each root: a run has one index there. */
  readonly #indexes = new WeakMap<ArchiveRoot, IndexCache>();

  constructor(options: OwnPlaybackOptions) {
    this.#options = options;
  }

  async playlist(stream: StreamName, span: Span): Promise<string | undefined> {
    const { rootOf, now, segmentDuration } = this.#options;
    const root = rootOf(stream);
    const runs = root?.catalogue.overlapping(stream, span) ?? [];
    if (root === undefined || runs.length === 0) return undefined;
    const indexes = this.#indexesOf(root);
    const parts = await findPieces(runs, span, (run) => indexes.get(stream, run));
    for (const part of parts) if (part.kind === 'piece') this.#hold(stream, part.run);
    // What is still to be recorded of it will be listed behind the rest.
    const type = span.end < now() ? 'vod' : 'event';
    return archivePlaylist(parts, { type, targetDuration: Math.ceil((2 * segmentDuration(stream)) / 1_000) });
  }

  async init(stream: StreamName, run: RunName): Promise<Uint8Array> {
    const { root, index } = await this.#find(stream, run);
    return this.#read(root.disk, runPath(stream, run, 'media'), { offset: 0, length: index.header.init.length });
  }

  async segment(stream: StreamName, uri: ArchiveUri & { readonly kind: 'segment' }): Promise<SegmentLocation> {
    const { run, first, last } = uri;
    if (last - first >= mostFragments) throw new AppError('bad-request', 'a segment has fewer fragments');
    const { root, index } = await this.#find(stream, run, last);
    const path = runPath(stream, run, 'media');
    const offset = index.offsetOf(first);
    const decodeTimes = await this.#decodeTimes({ disk: root.disk, path, index }, first, last);
    return { path: root.pathOf(path), offset, length: index.endOffset(last) - offset, decodeTimes };
  }

  async #decodeTimes(
    { disk, path, index }: { readonly disk: ArchiveDisk; readonly path: string; readonly index: RunIndex },
    first: number,
    last: number,
  ): Promise<SegmentLocation['decodeTimes']> {
    const file = await disk.open(path);
    if (file === undefined) throw gone();
    const found: { at: number; value: bigint }[] = [];
    try {
      for (let i = first; i <= last; i++) {
        const { offset, length } = index.record(i);
        const head = await file.read({ offset, length: Math.min(headBytes, length) });
        // A `moof` of hundreds of pictures a second is longer.
        const times = timelineTimes(index, i, head) ?? timelineTimes(index, i, await file.read({ offset, length }));
        if (times === undefined) throw new AppError('segment-gone', 'the recording is damaged there');
        for (const { at, value } of times) found.push({ at: offset - index.offsetOf(first) + at, value });
      }
    } finally {
      await file.close();
    }
    return found;
  }

  async #find(
    stream: StreamName,
    run: RunName,
    last = -1,
  ): Promise<{ readonly root: ArchiveRoot; readonly index: RunIndex }> {
    const root = this.#options.rootOf(stream);
    const known = root?.catalogue.of(stream).get(run);
    const index = root && known && (await this.#indexesOf(root).get(stream, known));
    if (root === undefined || index === undefined || last >= index.count) throw gone();
    this.#hold(stream, run);
    return { root, index };
  }

  async #read(
    disk: ArchiveDisk,
    path: string,
    range: { readonly offset: number; readonly length: number },
  ): Promise<Uint8Array> {
    const file = await disk.open(path);
    if (file === undefined) throw gone();
    try {
      return await file.read(range);
    } finally {
      await file.close();
    }
  }

  #indexesOf(root: ArchiveRoot): IndexCache {
    const indexes = this.#indexes.get(root) ?? new IndexCache(diskIndexes(root.disk));
    this.#indexes.set(root, indexes);
    return indexes;
  }

  #hold(stream: StreamName, run: RunName): void {
    this.#options.held(stream, run, this.#options.monotonic());
  }
}

function gone(): AppError {
  return new AppError('segment-gone', 'this server has no such recording, or has it no more');
}
