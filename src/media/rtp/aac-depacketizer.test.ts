import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AacDepacketizer } from './aac-depacketizer.ts';
import { aacHbr, packetizeAac } from './aac-packetizer.ts';
import { RtpPacket } from './packet.ts';

interface Sent {
  readonly timestamp?: number;
  readonly marker?: boolean;
  readonly payload: ArrayLike<number>;
  readonly gap?: boolean;
}

function receive(packets: readonly Sent[], lengths: ConstructorParameters<typeof AacDepacketizer>[0] = aacHbr) {
  const frames: { bytes: number[]; timestamp: number; number: number }[] = [];
  const damage: string[] = [];
  const depacketizer = new AacDepacketizer(lengths, {
    frame: (frame, timestamp, number) => frames.push({ bytes: [...frame], timestamp, number }),
    damage: ({ kind }) => damage.push(kind),
  });
  const packet = new RtpPacket();
  for (const { timestamp = 0, marker = true, payload, gap } of packets) {
    if (gap === true) depacketizer.lost();
    Object.assign(packet, { timestamp, marker, payloadFrom: 1, payloadTo: payload.length + 1 });
    depacketizer.packet(Uint8Array.from([0xee, ...Array.from(payload), 0xee]), packet);
  }
  return { frames, damage };
}

const frame = (bytes: number[], timestamp = 0, number = 0) => ({ bytes, timestamp, number });

describe.each<{ name: string; packets: Sent[]; frames: ReturnType<typeof frame>[]; damage?: string[] }>([
  { name: 'one frame', packets: [{ timestamp: 7, payload: [0, 16, 0, 24, 1, 2, 3] }], frames: [frame([1, 2, 3], 7)] },
  {
    name: 'several frames',
    packets: [{ payload: [0, 32, 0, 8, 0, 16, 1, 2, 3] }],
    frames: [frame([1]), frame([2, 3], 0, 1)],
  },
  {
    name: 'a frame in two packets',
    packets: [
      { marker: false, payload: [0, 16, 0, 24, 1, 2] },
      { marker: true, payload: [0, 16, 0, 24, 3] },
      { timestamp: 1024, payload: [0, 16, 0, 8, 4] },
    ],
    frames: [frame([1, 2, 3]), frame([4], 1024)],
  },
  {
    name: 'a frame that lost its end',
    packets: [
      { marker: false, payload: [0, 16, 0, 24, 1, 2] },
      { timestamp: 1024, payload: [0, 16, 0, 8, 4], gap: true },
    ],
    frames: [frame([4], 1024)],
  },
  {
    name: 'a frame that lost its beginning',
    packets: [{ marker: true, payload: [0, 16, 0, 24, 3], gap: true }],
    frames: [],
    damage: ['truncated'],
  },
  {
    name: 'an ADTS header left in',
    packets: [{ payload: [0, 16, 0, 72, 0xff, 0xf1, 0x4c, 0x80, 0x01, 0x3f, 0xfc, 8, 9] }],
    frames: [frame([8, 9])],
  },
  {
    name: 'sizes that lie, headers past the end, nothing at all',
    packets: [
      { payload: [0, 32, 0, 8, 0, 80, 1, 2] },
      { payload: [255, 255, 0, 8] },
      { payload: [] },
      { payload: [0, 0] },
    ],
    frames: [frame([1])],
    damage: ['truncated', 'malformed', 'malformed', 'malformed'],
  },
])('$name', ({ packets, frames, damage = [] }) => {
  test('is understood', () => expect(receive(packets)).toEqual({ frames, damage }));
});

test('AAC-lbr has headers of one byte', () => {
  const lbr = { size: 6, index: 2, indexDelta: 2 };
  expect(receive([{ payload: [0, 16, 2 << 2, 1 << 2, 1, 2, 3] }], lbr).frames).toEqual([
    frame([1, 2]),
    frame([3], 0, 1),
  ]);
});

test('what is packetized comes back', () => {
  const raw = fc.uint8Array({ minLength: 1, maxLength: 200 }).filter((bytes) => bytes[0] !== 0xff);
  fc.assert(
    fc.property(fc.array(raw, { minLength: 1, maxLength: 8 }), (frames) => {
      const received = receive([{ payload: packetizeAac(frames) }]);
      expect(received).toEqual({ frames: frames.map((bytes, i) => frame([...bytes], 0, i)), damage: [] });
    }),
  );
});

test('no packets make it throw', () => {
  const sent = fc.record({
    timestamp: fc.nat({ max: 2 }),
    marker: fc.boolean(),
    gap: fc.boolean(),
    payload: fc
      .tuple(fc.constantFrom([0, 16], [0, 32], [1, 0]), fc.uint8Array({ maxLength: 12 }))
      .map(([a, b]) => [...a, ...b]),
  });
  const lengths = fc.record({ size: fc.nat({ max: 16 }), index: fc.nat({ max: 8 }), indexDelta: fc.nat({ max: 8 }) });
  fc.assert(
    fc.property(fc.array(sent), lengths, (packets, fields) => {
      receive(packets, fields);
    }),
  );
});
