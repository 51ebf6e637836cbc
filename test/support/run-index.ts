import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { IndexedTrack, RunHeader } from '../../src/archive/index/header.ts';
import { IndexWriter, type Sha256 } from '../../src/archive/index/index-writer.ts';
import type { FragmentRecord } from '../../src/archive/index/record.ts';
import { type RunIndex, readIndex } from '../../src/archive/index/run-index.ts';
import { incarnation, serverName, streamName } from '../../src/units/ids.ts';
import { ticks } from '../../src/units/ticks.ts';

export const nodeSha256: Sha256 = () => {
  const hash = createHash('sha256');
  return {
    update: (bytes) => {
      hash.update(bytes);
    },
    hex: () => hash.digest('hex'),
  };
};

export const someHeader: RunHeader = {
  stream: streamName('site/cam01'),
  server: serverName('s01'),
  incarnation: incarnation(1_788_000_000_000),
  init: { length: 700, checksum: 0xdeadbeef },
  tracks: [
    { id: 1, timescale: 90_000, origin: ticks(160_943_760_011_070) },
    { id: 2, timescale: 48_000, origin: ticks(85_836_672_005_904) },
  ],
};

const utc = fc.integer({ min: -(2 ** 52), max: 2 ** 52 }).map(ticks);
const u32 = fc.nat(0xffffffff);

const track: fc.Arbitrary<IndexedTrack> = fc.record({
  id: u32,
  timescale: fc.integer({ min: 1, max: 0xffffffff }),
  origin: utc,
});

export const anyHeader: fc.Arbitrary<RunHeader> = fc.record({
  stream: fc.string({ unit: 'grapheme', maxLength: 60 }).map(streamName),
  server: fc.string({ unit: 'grapheme', maxLength: 60 }).map(serverName),
  incarnation: fc.nat(Number.MAX_SAFE_INTEGER).map(incarnation),
  init: fc.record({ length: u32, checksum: u32 }),
  tracks: fc.array(track, { maxLength: 4 }),
});

/** Without its offset, which the one before it decides. */
const fragment = fc.record({
  gap: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(1_000_000) }),
  length: fc.integer({ min: 1, max: 0xffffffff }),
  start: utc,
  duration: u32.map(ticks),
  segment: fc.option(fc.nat(Number.MAX_SAFE_INTEGER), { nil: undefined }),
  beginsSegment: fc.boolean(),
  keyframe: fc.boolean(),
  durable: u32,
  hash: fc.oneof(fc.constant(''), fc.stringMatching(/^[0-9a-f]{16}$/)),
  shift: utc,
  checksum: u32,
});

/** Records as they lie behind an init of so many bytes. */
export function anyRecords(initLength: number): fc.Arbitrary<FragmentRecord[]> {
  return fc.array(fragment, { maxLength: 12 }).map((fragments) => {
    let end = initLength;
    return fragments.map(({ gap, ...rest }) => {
      const offset = end + gap;
      end = offset + rest.length;
      return { offset, ...rest };
    });
  });
}

/** All the bytes of an index. */
export function indexBytes(header: RunHeader, records: readonly FragmentRecord[], closed: boolean): Uint8Array {
  const { writer, header: first } = IndexWriter.begin(header, nodeSha256);
  const parts = [first, ...records.map((record) => writer.append(record))];
  return Uint8Array.from(Buffer.concat(closed ? [...parts, writer.close('hour').bytes] : parts));
}

/** Of bytes that are an index, or begin with one. */
export function indexOf(bytes: Uint8Array): RunIndex {
  const read = readIndex(bytes);
  if (read.kind !== 'index') throw new Error(`these bytes are ${read.kind}`);
  return read.index;
}
