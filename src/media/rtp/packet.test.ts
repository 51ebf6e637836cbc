import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { unixMicros } from '../../units/time.ts';
import { RtpPacket, writeRtpHeader } from './packet.ts';
import { buildReceiverReport, buildSenderReport, parseSenderReport } from './rtcp.ts';
import { SequenceCheck } from './sequence.ts';
import { RtpTimestamps } from './timestamp.ts';

const header = { marker: true, payloadType: 96, sequence: 0xfffe, timestamp: 0xfffffff0, ssrc: 0x89abcdef };
const plain = [0x80, 0xe0, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xf0, 0x89, 0xab, 0xcd, 0xef];

describe.each([
  { name: 'plain', bytes: [...plain, 7, 8], payload: [7, 8] },
  { name: 'contributing sources', bytes: [0x82, ...plain.slice(1), 1, 1, 1, 1, 2, 2, 2, 2, 7], payload: [7] },
  { name: 'extension', bytes: [0x90, ...plain.slice(1), 0xbe, 0xde, 0, 1, 9, 9, 9, 9, 7], payload: [7] },
  { name: 'padding', bytes: [0xa0, ...plain.slice(1), 7, 8, 0, 0, 3], payload: [7, 8] },
  { name: 'empty', bytes: plain, payload: [] },
])('$name', ({ bytes, payload }) => {
  test('is read wherever it lies', () => {
    const packet = new RtpPacket();
    const all = Uint8Array.from([99, 99, ...bytes, 99]);
    expect(packet.read(all, 2, all.length - 1)).toBe(true);
    expect(packet).toMatchObject(header);
    expect([...all.subarray(packet.payloadFrom, packet.payloadTo)]).toEqual(payload);
  });
});

test('a header is written as it is read', () => {
  const out = new Uint8Array(12);
  writeRtpHeader(out, 0, header);
  expect([...out]).toEqual(plain);
});

test.each([
  ['too short', plain.slice(0, 11)],
  ['version 1', [0x40, ...plain.slice(1)]],
  ['sources past the end', [0x8f, ...plain.slice(1)]],
  ['an extension past the end', [0x90, ...plain.slice(1), 0, 0, 9, 9]],
  ['more padding than packet', [0xa0, ...plain.slice(1), 200]],
])('%s is no packet', (_, bytes) => {
  expect(new RtpPacket().read(Uint8Array.from(bytes), 0, bytes.length)).toBe(false);
});

describe('sequence numbers', () => {
  const follow = (...numbers: number[]): unknown[] => {
    const check = new SequenceCheck();
    return numbers.map((number) => check.next(number, 1));
  };
  test.each([
    ['in order over the wrap', [65_534, 65_535, 0, 1], [0, 0, 0, 0]],
    ['missing', [1, 4, 5], [0, 2, 0]],
    ['missing over the wrap', [65_535, 2], [0, 2]],
    ['repeated', [5, 5, 4, 6], [0, -1, -1, 0]],
    ['counted anew', [40_000, 100, 101], [0, 'restart', 0]],
    ['counted anew nearer by', [10_000, 9_000, 9_001], [0, 'restart', 0]],
  ])('%s', (_, numbers, expected) => expect(follow(...numbers)).toEqual(expected));

  test('another sender counts from where it likes, and loss and cycles are told to the sender', () => {
    const check = new SequenceCheck();
    expect([check.next(65_535, 1), check.next(1, 1), check.next(500, 2), check.next(501, 2)]).toEqual([
      0,
      1,
      'restart',
      0,
    ]);
    expect([check.ssrc, check.lost, check.highest]).toEqual([2, 1, 65_536 + 501]);
  });
});

test('timestamps unwrap forwards and, for pictures out of order, backwards', () => {
  const timestamps = new RtpTimestamps();
  const start = 2 ** 32 - 3600;
  expect([start, 0, 3600, start, 7200].map((value) => timestamps.unwrap(value) - start)).toEqual([
    0, 3600, 7200, 0, 10_800,
  ]);
  expect(timestamps.peek(10_800) - start).toBe(14_400);
});

describe('reports', () => {
  const at = unixMicros(1_795_347_351_352_881);
  const report = buildSenderReport({ ssrc: 5, at, timestamp: 0xfedcba98, packets: 1, bytes: 2 });

  test('a sender report comes back to the microsecond', () => {
    expect(parseSenderReport(report, 0, report.length)).toMatchObject({ ssrc: 5, at, timestamp: 0xfedcba98 });
  });

  test('it is found behind another packet, and a receiver report is none', () => {
    const other = buildReceiverReport({ ssrc: 1, sender: 5, lost: 3, highestSequence: 70_000, ntpMiddle: 9 });
    expect([...other.subarray(0, 4)]).toEqual([0x81, 201, 0, 7]);
    const compound = new Uint8Array([...other, ...report]);
    expect(parseSenderReport(compound, 0, compound.length)?.ssrc).toBe(5);
    expect(parseSenderReport(other, 0, other.length)).toBeUndefined();
  });

  test('a sender without a clock reports nothing', () => {
    const silent = report.slice();
    silent.fill(0, 8, 16);
    expect(parseSenderReport(silent, 0, silent.length)).toBeUndefined();
  });

  test('no bytes make it throw or run for ever', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        parseSenderReport(bytes, 0, bytes.length);
        new RtpPacket().read(bytes, 0, bytes.length);
      }),
    );
  });
});
