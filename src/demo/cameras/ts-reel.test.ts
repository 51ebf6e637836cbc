import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { keyPieceBefore, piecesDue, renderSpan } from './reel.ts';
import { tsReel } from './ts-reel.ts';

const clips = ['lobby', 'gate', 'yard'].map((name) => ({ name, reel: tsReel(readFileSync(`demo/clip/${name}.ts`)) }));

interface Seen {
  readonly counters: Map<number, number>;
  readonly stamps: Map<number, number[]>;
  readonly pcrs: number[];
  gaps: number;
}

/** What a receiver sees: counter gaps, decode times by PID, PCRs, in order. */
function watch(packets: Uint8Array): Seen {
  const seen: Seen = { counters: new Map(), stamps: new Map(), pcrs: [], gaps: 0 };
  for (let at = 0; at < packets.length; at += 188) watchPacket(Buffer.from(packets.subarray(at, at + 188)), seen);
  return seen;
}

function watchPacket(packet: Buffer, seen: Seen): void {
  const pid = packet.readUInt16BE(1) & 0x1fff;
  const counter = packet.readUInt8(3) & 15;
  const hasPayload = (packet.readUInt8(3) & 0x10) !== 0;
  const before = seen.counters.get(pid);
  if (before !== undefined && hasPayload && counter !== ((before + 1) & 15)) seen.gaps++;
  if (hasPayload) seen.counters.set(pid, counter);
  const adaptation = (packet.readUInt8(3) & 0x20) !== 0 ? 1 + packet.readUInt8(4) : 0;
  if (adaptation > 1 && (packet.readUInt8(5) & 0x10) !== 0)
    seen.pcrs.push(packet.readUInt32BE(6) * 2 + (packet.readUInt8(10) >> 7));
  const pes = 4 + adaptation;
  if ((packet.readUInt8(1) & 0x40) === 0 || packet.readUIntBE(pes, 3) !== 1) return;
  const at = pes + ((packet.readUInt8(pes + 7) & 0x40) !== 0 ? 14 : 9);
  const stamp =
    ((packet.readUInt8(at) >> 1) & 7) * 2 ** 30 +
    (packet.readUInt16BE(at + 1) >> 1) * 2 ** 15 +
    (packet.readUInt16BE(at + 3) >> 1);
  seen.stamps.set(pid, [...(seen.stamps.get(pid) ?? []), stamp]);
}

describe.each(clips)('$name', ({ reel }) => {
  const loops = 3;
  const all = Buffer.concat(renderSpan(reel, 0, loops * reel.dueAt.length, { shift90k: 1_000_000, audio: true }));
  const seen = watch(all);

  test('a loop lasts 40 s', () => expect(reel.loop).toBe(40_000));

  test('goes on over the loop without a counter gap', () => expect(seen.gaps).toBe(0));

  test('video frames stay 40 ms apart, PCRs 80 ms', () => {
    const steps = (values: number[]) => new Set(values.slice(1).map((value, i) => value - (values[i] ?? 0)));
    expect(seen.stamps.get(256)).toHaveLength(1000 * loops);
    expect(steps(seen.stamps.get(256) ?? [])).toEqual(new Set([3600]));
    expect(steps(seen.pcrs)).toEqual(new Set([7200]));
  });

  test('the same piece has the same bytes however it is cut out', () => {
    const options = { shift90k: 5, audio: true };
    const whole = Buffer.concat(renderSpan(reel, 990, 1010, options));
    const parts = Array.from({ length: 20 }, (_, i) => renderSpan(reel, 990 + i, 991 + i, options)).flat();
    expect(Buffer.concat(parts).equals(whole)).toBe(true);
  });

  test('without audio no audio packet is left, and only those are gone', () => {
    const silent = watch(Buffer.concat(renderSpan(reel, 0, 100, { shift90k: 0, audio: false })));
    expect([...silent.stamps.keys()]).toEqual([256]);
    expect(silent.stamps.get(256)).toHaveLength(100);
  });

  test('timestamps wrap at 33 bits', () => {
    const wrapped = watch(Buffer.concat(renderSpan(reel, 0, 50, { shift90k: 2 ** 33 - 100_000, audio: true })));
    const stamps = wrapped.stamps.get(256) ?? [];
    expect(Math.max(...stamps)).toBeLessThan(2 ** 33);
    expect(stamps.slice(1).map((value, i) => (value - (stamps[i] ?? 0) + 2 ** 33) % 2 ** 33)).toEqual(
      Array(49).fill(3600),
    );
  });

  test('pieces are due in real time over the loops, and keyframes are every 50 frames', () => {
    expect(piecesDue(reel, 0)).toBe(1);
    expect(piecesDue(reel, 39.9)).toBe(1);
    expect(piecesDue(reel, 40)).toBe(2);
    expect(piecesDue(reel, 40_000)).toBe(1001);
    expect(keyPieceBefore(reel, 1001)).toBe(1000);
    expect(keyPieceBefore(reel, 1000)).toBe(950);
    expect(keyPieceBefore(reel, 1049)).toBe(1000);
  });
});
