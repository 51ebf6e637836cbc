import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32Mpeg } from './crc32.ts';
import { parseSection, writePat, writePmt } from './psi.ts';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

/** As ffmpeg writes them: one table for reading, writing and as seeds. */
const pat = hex('00b00d 0001 c10000 0001 f000 2ab104b2');
const pmt = hex('02b017 0001 c10000 e100 f000 1b e100 f000 0f e101 f000 2f44b99b');
const layout = {
  version: 0,
  program: 1,
  pcrPid: 0x100,
  streams: [
    { pid: 0x100, streamType: 0x1b },
    { pid: 0x101, streamType: 0x0f },
  ],
};

test('a PAT', () => {
  expect(parseSection(pat)).toEqual({ kind: 'pat', pat: { version: 0, programs: [{ number: 1, pmtPid: 0x1000 }] } });
  expect(writePat(1, 0x1000)).toEqual(pat);
});

test('a PMT', () => {
  const streams = layout.streams.map((stream) => ({ ...stream, descriptors: [] }));
  expect(parseSection(pmt)).toEqual({ kind: 'pmt', pmt: { ...layout, streams } });
  expect(writePmt(layout)).toEqual(pmt);
});

test('the CRC of the standard check string', () => {
  expect(crc32Mpeg(new TextEncoder().encode('123456789'))).toBe(0x0376e6e7);
});

/** A section around `content`, with a sound CRC, as senders with faults make it. */
function sealed(tableId: number, content: readonly number[]): Uint8Array {
  const length = content.length + 4;
  const bytes = Uint8Array.from([tableId, 0xb0 | (length >> 8), length & 255, ...content, 0, 0, 0, 0]);
  new DataView(bytes.buffer).setUint32(bytes.length - 4, crc32Mpeg(bytes.subarray(0, -4)));
  return bytes;
}

test('descriptors, and program information that is passed over', () => {
  const content = [0, 1, 0xc3, 0, 0, 0xe1, 0, 0xf0, 2, 0x52, 0, 6, 0xe1, 2, 0xf0, 6, 5, 4, 0x41, 0x43, 0x2d, 0x33];
  expect(parseSection(sealed(2, content))).toMatchObject({
    pmt: { version: 1, streams: [{ pid: 0x102, streamType: 6, descriptors: [{ tag: 5, data: hex('41432d33') }] }] },
  });
});

test.each([
  [
    'the network PID is no program',
    sealed(0, [0, 1, 0xc1, 0, 0, 0, 0, 0xe0, 16, 0, 7, 0xe1, 0]),
    { pat: { programs: [{ number: 7 }] } },
  ],
  ['not in force yet', sealed(0, [0, 1, 0xc0, 0, 0, 0, 1, 0xf0, 0]), { kind: 'other' }],
  ['another table', sealed(0x42, [0, 1, 0xc1, 0, 0]), { kind: 'other' }],
  ['too short', sealed(2, [0]), { kind: 'bad', why: 'malformed' }],
  [
    'descriptors past the end',
    sealed(2, [0, 1, 0xc1, 0, 0, 0xe1, 0, 0xf0, 0, 6, 0xe1, 2, 0xf0, 200]),
    { kind: 'bad', why: 'malformed' },
  ],
  [
    'program information past the end',
    sealed(2, [0, 1, 0xc1, 0, 0, 0xe1, 0, 0xff, 255]),
    { kind: 'bad', why: 'malformed' },
  ],
])('%s', (_, bytes, section) => {
  expect(parseSection(bytes)).toMatchObject(section);
});

test('a single wrong bit is found', () => {
  fc.assert(
    fc.property(fc.integer({ min: 8, max: pmt.length * 8 - 1 }), (bit) => {
      const damaged = pmt.slice();
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(parseSection(damaged)).toEqual({ kind: 'bad', why: 'crc' });
    }),
  );
});
