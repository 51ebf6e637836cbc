import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Damage } from '../track.ts';
import { PacketReader, packetBytes } from './ts-packet.ts';

/** A packet that can be told from others, with sync bytes inside to lure the search. */
function packet(number: number): Uint8Array {
  const bytes = new Uint8Array(packetBytes).fill(number % 2 === 0 ? 0x47 : 0);
  bytes.set([0x47, number >> 8, number & 255, 0x10]);
  return bytes;
}

function packets(from: number, to: number): Uint8Array[] {
  return Array.from({ length: to - from }, (_, i) => packet(from + i));
}

function read(chunks: readonly Uint8Array[]): { numbers: number[]; damage: Damage[] } {
  const numbers: number[] = [];
  const damage: Damage[] = [];
  const reader = new PacketReader({
    packet: (bytes, at) => numbers.push(((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)),
    damage: (one) => damage.push(one),
  });
  for (const chunk of chunks) reader.push(chunk);
  reader.flush();
  return { numbers, damage };
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
const lost = (bytes: number): Damage => ({ kind: 'sync-lost', detail: `${bytes} bytes between packets` });
const garbage = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(0xaa);

test.each([
  ['sound', packets(0, 6), range(0, 6), []],
  ['one packet alone', packets(0, 1), [0], []],
  ['two packets alone', packets(0, 2), [0, 1], []],
  ['begins within a packet', [packet(1).subarray(50), ...packets(1, 9)], range(1, 9), [lost(138)]],
  ['garbage between packets', [...packets(1, 4), garbage(100), ...packets(4, 9)], [1, 2, ...range(4, 9)], [lost(288)]],
  [
    'bytes missing in a packet',
    [...packets(1, 4), packet(5).subarray(0, 99), ...packets(7, 11)],
    [1, 2, 3, 7, 8, 9, 10],
    [lost(99)],
  ],
  ['a sync byte is wrong', [...packets(1, 4), packet(5).fill(0, 0, 1), ...packets(6, 9)], [1, 2, 6, 7, 8], [lost(376)]],
  ['nothing but garbage', [garbage(5000)], [], [lost(5000)]],
  ['nothing', [], [], []],
])('%s', (_, chunks, numbers, damage) => {
  const whole = read(chunks);
  expect(whole.damage).toEqual(damage);
  expect(whole.numbers).toEqual(numbers);
});

test('the end within a packet is told', () => {
  expect(read([...packets(0, 4), packet(4).subarray(0, 10)]).damage).toEqual([
    { kind: 'truncated', detail: 'the last packet has 10 bytes' },
  ]);
});

test('where the bytes are chopped makes no difference', () => {
  const piece = fc.oneof(
    fc.nat(500).map(packet),
    fc.uint8Array({ maxLength: 400 }),
    fc.array(fc.constantFrom(0x47, 0), { maxLength: 200 }).map((bytes) => Uint8Array.from(bytes)),
  );
  const stream = fc
    .array(piece, { maxLength: 12 })
    .map((pieces) => Uint8Array.from(pieces.flatMap((bytes) => [...bytes])));
  fc.assert(
    fc.property(stream, fc.array(fc.nat(1500), { maxLength: 20 }), (bytes, cuts) => {
      const places = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
      const chunks = places.slice(1).map((to, i) => bytes.subarray(places[i], to));
      expect(read(chunks)).toEqual(read([bytes]));
    }),
    { numRuns: 500 },
  );
});
