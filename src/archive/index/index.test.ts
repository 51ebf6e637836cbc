import { createHash } from 'node:crypto';
import { crc32 as zlibCrc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyHeader, anyRecords, indexBytes, indexOf, nodeSha256, someHeader } from '../../../test/support/run-index.ts';
import { ticks } from '../../units/ticks.ts';
import { seam } from '../span/span.ts';
import { decodeClosing, endReasons } from './closing.ts';
import { crc32 } from './crc32.ts';
import { decodeHeader, encodeHeader, type RunHeader } from './header.ts';
import { IndexWriter } from './index-writer.ts';
import { encodeRecord, type FragmentRecord, recordBytes } from './record.ts';
import { type RunIndex, readIndex } from './run-index.ts';

const utc = 160_943_760_011_070;
const record: FragmentRecord = {
  offset: 700,
  length: 250_000,
  start: ticks(utc),
  duration: ticks(45_000),
  segment: 894_132_000,
  beginsSegment: true,
  keyframe: true,
  durable: 3,
  hash: '0123456789abcdef',
  shift: ticks(-5),
  checksum: 0xcafebabe,
};

const run = anyHeader.chain((header) =>
  fc.record({ header: fc.constant(header), records: anyRecords(header.init.length), closed: fc.boolean() }),
);
const recordsOf = (index: RunIndex): FragmentRecord[] => Array.from({ length: index.count }, (_, i) => index.record(i));

test('the CRC is the one of zlib, also of bytes in parts', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (bytes, cut) => {
      expect(crc32(bytes)).toBe(zlibCrc32(bytes));
      expect(crc32(bytes.subarray(cut), crc32(bytes.subarray(0, cut)))).toBe(crc32(bytes));
    }),
  );
});

describe('golden bytes', () => {
  const header: RunHeader = { ...someHeader, tracks: someHeader.tracks.slice(0, 1) };
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

  test('a header', () => {
    expect(hex(encodeHeader(header))).toBe(
      '48574958' +
        '0100' +
        '8000' +
        'bc020000' +
        'efbeadde' +
        '0100' +
        '0a00' +
        '0300' +
        '0000' +
        '00d81a4da0010000' +
        '01000000' +
        '905f0100' +
        '3eefa4a360920000' +
        hex(new TextEncoder().encode('site/cam01s01')) +
        '00'.repeat(63) +
        '31de79eb',
    );
  });

  test('a record', () => {
    expect(hex(encodeRecord(record, 1).subarray(0, 60))).toBe(
      'bc02000000000000' +
        '90d00300' +
        'c8af0000' +
        '3eefa4a360920000' +
        '205f4b3500000000' +
        '0123456789abcdef' +
        'fbffffffffffffff' +
        'bebafeca' +
        '03000000' +
        '0000' +
        '01' +
        '0f',
    );
  });

  test('a closing record', () => {
    const bytes = indexBytes(header, [record], true);
    const before = bytes.subarray(0, -recordBytes);
    expect(hex(bytes.subarray(-recordBytes, -4))).toBe(
      '4cd3030000000000' +
        '3eefa4a360920000' +
        '069fa5a360920000' +
        createHash('sha256').update(before).digest('hex') +
        '01' +
        '00' +
        '02' +
        '00',
    );
  });
});

describe('an index', () => {
  test('read back is what was written', () => {
    fc.assert(
      fc.property(run, ({ header, records, closed }) => {
        const read = readIndex(indexBytes(header, records, closed));
        if (read.kind !== 'index') throw new Error(read.kind);
        expect(read.tail).toBe('whole');
        expect(read.index.header).toEqual(header);
        expect(recordsOf(read.index)).toEqual(records);
        expect(read.index.closing !== undefined).toBe(closed);
        expect(read.index.mediaBytes).toBe(
          (records.at(-1)?.offset ?? header.init.length) + (records.at(-1)?.length ?? 0),
        );
      }),
    );
  });

  test('cut at any byte gives the fragments before it', () => {
    fc.assert(
      fc.property(run, fc.nat(), ({ header, records, closed }, where) => {
        const bytes = indexBytes(header, records, closed);
        const cut = where % bytes.length;
        const read = readIndex(bytes.subarray(0, cut));
        const headerLength = encodeHeader(header).length;
        if (cut < headerLength) expect(read).toEqual({ kind: 'spoilt' });
        else if (read.kind !== 'index') throw new Error(read.kind);
        else {
          const whole = Math.floor((cut - headerLength) / recordBytes);
          expect(recordsOf(read.index)).toEqual(records.slice(0, whole));
          expect(read.tail).toBe((cut - headerLength) % recordBytes === 0 ? 'whole' : 'torn');
          expect(read.index.closing).toBeUndefined();
        }
      }),
    );
  });

  test('with any bit turned over is not whole', () => {
    fc.assert(
      fc.property(run, fc.nat(), ({ header, records, closed }, where) => {
        const bytes = indexBytes(header, records, closed);
        const at = where % (8 * bytes.length);
        const byte = Math.floor(at / 8);
        bytes[byte] = (bytes[byte] ?? 0) ^ (1 << (at % 8));
        const read = readIndex(bytes);
        const headerLength = encodeHeader(header).length;
        if (byte < headerLength) expect(read).toEqual({ kind: 'spoilt' });
        else if (read.kind !== 'index') throw new Error(read.kind);
        else {
          expect(read.tail).toBe('spoilt');
          expect(recordsOf(read.index)).toEqual(records.slice(0, Math.floor((byte - headerLength) / recordBytes)));
        }
      }),
      { numRuns: 500 },
    );
  });

  test('reading what is none throws nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(readIndex(bytes)).toEqual({ kind: 'spoilt' });
        expect(decodeClosing(bytes.subarray(-recordBytes))).toBeUndefined();
      }),
    );
    fc.assert(
      fc.property(run, fc.uint8Array({ minLength: 1, maxLength: 300 }), ({ header, records, closed }, junk) => {
        const read = readIndex(Uint8Array.from([...indexBytes(header, records, closed), ...junk]));
        if (read.kind !== 'index') throw new Error(read.kind);
        expect(recordsOf(read.index)).toEqual(records);
        expect(read.tail).not.toBe('whole');
      }),
    );
  });

  test('a record of another run, or one that lies before its predecessor, ends it', () => {
    const { writer, header } = IndexWriter.begin(someHeader, nodeSha256);
    const other = IndexWriter.begin({ ...someHeader, stream: someHeader.stream, tracks: [] }, nodeSha256);
    const first = writer.append(record);
    const next = { ...record, offset: 250_700 };
    const count = (second: Uint8Array): number =>
      indexOf(Uint8Array.from(Buffer.concat([header, first, second]))).count;
    expect(count(writer.append(next))).toBe(2);
    expect(count(other.writer.append(next))).toBe(1);
    expect(count(writer.append({ ...record, offset: 250_699 }))).toBe(1);
    expect(count(new Uint8Array(recordBytes))).toBe(1);
  });

  test('of a later version is told apart from a spoilt one', () => {
    const bytes = encodeHeader(someHeader);
    bytes[4] = 2;
    new DataView(bytes.buffer).setUint32(bytes.length - 4, crc32(bytes.subarray(0, -4)), true);
    expect(decodeHeader(bytes)).toEqual({ kind: 'newer', version: 2 });
    expect(readIndex(bytes)).toEqual({ kind: 'newer', version: 2 });
  });

  test('finds the fragment of a time', () => {
    const records = [0, 1, 2].map((i) => ({ ...record, offset: 700 + i * 250_000, start: ticks(utc + i * 45_000) }));
    const index = indexOf(indexBytes(someHeader, records, false));
    expect([-1, 0, 44_999, 45_000, 1e9].map((at) => index.fragmentAt(utc + at))).toEqual([-1, 0, 0, 1, 2]);
    expect(index.spans()).toEqual([{ start: utc, end: utc + 135_000 }]);
    expect(() => index.record(3)).toThrow(RangeError);
  });
});

describe('the closing record', () => {
  test.each(endReasons)('keeps why it ended: %s', (reason) => {
    const { writer } = IndexWriter.begin(someHeader, nodeSha256);
    writer.append(record);
    const { closing, bytes } = writer.close(reason);
    expect(decodeClosing(bytes)).toEqual(closing);
    expect(closing).toMatchObject({ reason, bytes: 250_700, start: utc, end: utc + 45_000, holes: false });
  });

  test('tells of holes, and is the same when the writing was resumed', () => {
    const late = { ...record, offset: 250_700, start: ticks(utc + 45_000 + seam + 1) };
    const bytes = indexBytes(someHeader, [record, late], true);
    const index = indexOf(bytes);
    expect(index.closing?.holes).toBe(true);
    expect(index.spans()).toHaveLength(2);
    const resumed = IndexWriter.resume(index, 1, nodeSha256);
    resumed.append(late);
    expect(resumed.close('hour').closing).toEqual(index.closing);
  });
});
