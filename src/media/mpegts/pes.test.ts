import { expect, test } from 'vitest';
import { PesReader, pesHeaderBytes, writePesHeader } from './pes.ts';

interface Packet {
  readonly payload: readonly number[];
  readonly start?: true;
  /** Packets are missing in front of it. */
  readonly lost?: true;
}

function read(packets: readonly Packet[]): unknown[] {
  const events: unknown[] = [];
  const reader = new PesReader({
    begin: (time) => events.push(time === undefined ? 'begin' : [time.pts, time.dts]),
    data: (bytes, from, to) => events.push(String.fromCharCode(...bytes.subarray(from, to))),
    lost: () => events.push('lost'),
    truncated: (missing) => events.push(`truncated ${missing}`),
  });
  for (const { payload, start = false, lost } of packets) {
    if (lost) reader.lost(start);
    reader.packet(Uint8Array.from(payload), 0, payload.length, start);
  }
  reader.flush();
  return events;
}

function header(payloadBytes: number, pts = 7, dts = pts): number[] {
  const out = new Uint8Array(pesHeaderBytes(pts !== dts));
  writePesHeader(out, 0, { streamId: 0xe0, pts, dts, payloadBytes });
  return [...out];
}

const text = (value: string): number[] => [...value].map((letter) => letter.charCodeAt(0));
const unbounded = (pts = 7): number[] => header(70_000, pts);
const timeless = [0, 0, 1, 0xe0, 0, 0, 0x80, 0, 0];
const padding = [0, 0, 1, 0xbe, 0, 4, 255, 255, 255, 255, 255];

test.each<[string, readonly Packet[], readonly unknown[]]>([
  ['a packet of known length', [{ start: true, payload: [...header(3), ...text('abc')] }], [[7, 7], 'abc']],
  ['a PTS and a DTS', [{ start: true, payload: header(0, 9000, 2 ** 32 + 1) }], [[9000, 2 ** 32 + 1]]],
  ['no time', [{ start: true, payload: [...timeless, ...text('a')] }], ['begin', 'a']],
  [
    'unbounded, over packets',
    [
      { start: true, payload: [...unbounded(), ...text('a')] },
      { payload: text('b') },
      { start: true, payload: unbounded(8) },
    ],
    [[7, 7], 'a', 'b', [8, 8]],
  ],
  [
    'stuffing behind the promised length',
    [{ start: true, payload: [...header(1), ...text('ab')] }, { payload: text('c') }],
    [[7, 7], 'a'],
  ],
  [
    'less than promised',
    [
      { start: true, payload: [...header(5), ...text('ab')] },
      { start: true, payload: header(0) },
    ],
    [[7, 7], 'ab', 'truncated 3', [7, 7]],
  ],
  ['data before the first beginning', [{ payload: text('a') }, { start: true, payload: header(0) }], [[7, 7]]],
  ['padding', [{ start: true, payload: padding }, { payload: text('a') }], []],
  ['no PES at all', [{ start: true, payload: text('a table section') }], []],
  [
    'lost within',
    [
      { start: true, payload: [...unbounded(), ...text('a')] },
      { lost: true, payload: text('c') },
      { start: true, payload: unbounded(8) },
    ],
    [[7, 7], 'a', 'lost', [8, 8]],
  ],
  [
    'lost in front of a beginning: an unbounded packet counts as whole',
    [
      { start: true, payload: [...unbounded(), ...text('a')] },
      { lost: true, start: true, payload: unbounded(8) },
    ],
    [[7, 7], 'a', [8, 8]],
  ],
  [
    'lost in front of a beginning: what was promised did not come',
    [
      { start: true, payload: [...header(5), ...text('a')] },
      { lost: true, start: true, payload: unbounded(8) },
    ],
    [[7, 7], 'a', 'lost', [8, 8]],
  ],
  [
    'lost behind a packet that is whole, with the beginning of the next',
    [
      { start: true, payload: [...header(1), ...text('a')] },
      { lost: true, payload: text('b') },
    ],
    [[7, 7], 'a'],
  ],
])('%s', (_, packets, events) => {
  expect(read(packets)).toEqual(events);
});

test('a header may span packets', () => {
  const bytes = [...header(3, 9000, 5400), ...text('abc')];
  for (let cut = 1; cut < bytes.length; cut++) {
    const events = read([{ start: true, payload: bytes.slice(0, cut) }, { payload: bytes.slice(cut) }]);
    expect(events[0]).toEqual([9000, 5400]);
    expect(events.slice(1).join('')).toBe('abc');
  }
});

test('a length that 16 bits cannot hold is left open', () => {
  expect(header(65_535 - 8).slice(4, 6)).toEqual([255, 255]);
  expect(header(65_535 - 7).slice(4, 6)).toEqual([0, 0]);
});
