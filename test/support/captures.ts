import { readFileSync } from 'node:fs';
import { TsDemuxer } from '../../src/media/mpegts/demuxer.ts';
import { CollectingSink } from './collecting-sink.ts';

/** A capture of `scripts/make-media-fixtures.sh`. */
export function capture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../fixtures/media/${name}`, import.meta.url)));
}

/** What the demuxer makes of a whole transport stream; `chop` says where it is cut into pushes. */
export function demux(bytes: Uint8Array, chop: readonly number[] = []): CollectingSink {
  const sink = new CollectingSink();
  const demuxer = new TsDemuxer(sink);
  let from = 0;
  for (const to of [...chop, bytes.length]) {
    demuxer.push(bytes.subarray(from, to));
    from = Math.max(from, to);
  }
  demuxer.flush();
  return sink;
}
