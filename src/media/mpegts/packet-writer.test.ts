import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PacketWriter, packetizedBytes, readPcr } from './packet-writer.ts';
import { PidTable } from './pid-table.ts';
import { packetBytes } from './ts-packet.ts';

test('a unit comes back from its packets, whatever its length and pieces', () => {
  const unit = fc.record({
    pieces: fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 6 }),
    randomAccess: fc.boolean(),
    pcr: fc.option(fc.nat(2 ** 31), { nil: undefined }),
  });
  fc.assert(
    fc.property(unit, fc.nat(15), (drawn, counter) => {
      const byteLength = drawn.pieces.reduce((sum, piece) => sum + piece.length, 0);
      const whole = { pid: 0x1abc, byteLength, ...drawn };
      const writer = new PacketWriter(packetizedBytes(whole));
      const next = writer.write(whole, counter);
      expect(next).toBe((counter + writer.bytes.length / packetBytes) % 16);
      const payload: number[] = [];
      const damage: unknown[] = [];
      const table = new PidTable({ damage: (one) => damage.push(one) });
      table.set(0x1abc, {
        packet: (bytes, from, to) => payload.push(...bytes.subarray(from, to)),
        lost: () => damage.push('lost'),
      });
      for (let at = 0; at < writer.bytes.length; at += packetBytes) table.packet(writer.bytes, at);
      expect(damage).toEqual([]);
      expect(payload).toEqual(drawn.pieces.flatMap((piece) => [...piece]));
      if (drawn.pcr !== undefined) expect(readPcr(writer.bytes, 6)).toBe(drawn.pcr);
    }),
  );
});

test('the bytes of a packet with PCR and stuffing', () => {
  const unit = { pid: 0x100, pieces: [Uint8Array.of(1, 2, 3)], byteLength: 3, randomAccess: true, pcr: 2 ** 33 + 3 };
  const writer = new PacketWriter(packetizedBytes(unit));
  writer.write(unit, 5);
  const hex = Buffer.from(writer.bytes).toString('hex');
  expect(hex).toBe(`47410035b450${'00000001fe00'}${'ff'.repeat(173)}010203`);
});
