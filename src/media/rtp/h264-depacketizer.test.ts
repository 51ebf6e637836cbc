import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { H264Depacketizer } from './h264-depacketizer.ts';
import { packetizeH264 } from './h264-packetizer.ts';
import { RtpPacket } from './packet.ts';

interface Sent {
  readonly timestamp: number;
  readonly marker: boolean;
  readonly payload: readonly number[] | Uint8Array;
  /** Packets missing in front of it. */
  readonly gap?: boolean;
}

interface Received {
  readonly units: { readonly timestamp: number; readonly units: number[][]; readonly torn: boolean }[];
  readonly damage: string[];
}

function receive(packets: readonly Sent[]): Received {
  const received: Received = { units: [], damage: [] };
  const depacketizer = new H264Depacketizer({
    accessUnit: (units, timestamp, torn) =>
      received.units.push({ timestamp, units: units.map((unit) => [...unit]), torn }),
    damage: ({ kind }) => received.damage.push(kind),
  });
  const packet = new RtpPacket();
  for (const { timestamp, marker, payload, gap } of packets) {
    if (gap === true) depacketizer.lost();
    Object.assign(packet, { timestamp, marker, payloadFrom: 0, payloadTo: payload.length });
    depacketizer.packet(Uint8Array.from(payload), packet);
  }
  return received;
}

const sps = [0x67, 1, 2];
const pps = [0x68, 3];
const idr = [0x65, 0x88, 9, 9];
const slice = [0x41, 0x9a, 7];
const laterSlice = [0x41, 0x20, 8];
const whole = (timestamp: number, ...units: number[][]) => ({ timestamp, units, torn: false });

describe.each<{ name: string; packets: Sent[]; units: Received['units']; damage?: string[] }>([
  {
    name: 'single units, ended by the marker',
    packets: [
      { timestamp: 1, marker: false, payload: idr },
      { timestamp: 1, marker: true, payload: laterSlice },
      { timestamp: 2, marker: true, payload: slice },
    ],
    units: [whole(1, idr, laterSlice), whole(2, slice)],
  },
  {
    name: 'no markers at all: ended by the next timestamp',
    packets: [
      { timestamp: 1, marker: false, payload: idr },
      { timestamp: 2, marker: false, payload: slice },
      { timestamp: 3, marker: false, payload: slice },
    ],
    units: [whole(1, idr), whole(2, slice)],
  },
  {
    name: 'STAP-A',
    packets: [
      { timestamp: 1, marker: false, payload: [24, 0, 3, ...sps, 0, 2, ...pps] },
      { timestamp: 1, marker: true, payload: idr },
    ],
    units: [whole(1, sps, pps, idr)],
  },
  {
    name: 'FU-A, the end bit forgotten on the second',
    packets: [
      { timestamp: 1, marker: false, payload: [0x7c, 0x85, 0x88] },
      { timestamp: 1, marker: false, payload: [0x7c, 0x05, 9] },
      { timestamp: 1, marker: true, payload: [0x7c, 0x45, 9] },
      { timestamp: 2, marker: false, payload: [0x5c, 0x81, 0x9a] },
      { timestamp: 2, marker: true, payload: [0x5c, 0x01, 7] },
    ],
    units: [whole(1, idr), whole(2, slice)],
  },
  {
    name: 'parameter sets with marker and timestamp of their own wait for their picture',
    packets: [
      { timestamp: 1, marker: true, payload: sps },
      { timestamp: 2, marker: true, payload: pps },
      { timestamp: 3, marker: true, payload: idr },
    ],
    units: [whole(3, sps, pps, idr)],
  },
  {
    name: 'start codes left in',
    packets: [{ timestamp: 1, marker: true, payload: [0, 0, 0, 1, ...sps, 0, 0, 1, ...idr] }],
    units: [whole(1, sps, idr)],
  },
  {
    name: 'markers on every slice: believed once, then not any more',
    packets: [
      { timestamp: 1, marker: true, payload: idr },
      { timestamp: 1, marker: true, payload: laterSlice },
      { timestamp: 2, marker: true, payload: slice },
      { timestamp: 2, marker: true, payload: laterSlice },
      { timestamp: 3, marker: true, payload: slice },
    ],
    units: [whole(1, idr), { timestamp: 1, units: [laterSlice], torn: true }, whole(2, slice, laterSlice)],
    damage: ['malformed'],
  },
  {
    name: 'a lost middle tears the picture, not the next',
    packets: [
      { timestamp: 1, marker: false, payload: [0x7c, 0x85, 0x88] },
      { timestamp: 1, marker: true, payload: [0x7c, 0x45, 9], gap: true },
      { timestamp: 2, marker: true, payload: slice },
    ],
    units: [{ timestamp: 1, units: [], torn: true }, whole(2, slice)],
  },
  {
    name: 'a lost end tears the picture before only',
    packets: [
      { timestamp: 1, marker: false, payload: idr },
      { timestamp: 2, marker: true, payload: slice, gap: true },
    ],
    units: [{ timestamp: 1, units: [idr], torn: true }, whole(2, slice)],
  },
  {
    name: 'whole pictures lost between two that are whole',
    packets: [
      { timestamp: 1, marker: true, payload: idr },
      { timestamp: 5, marker: true, payload: slice, gap: true },
    ],
    units: [whole(1, idr), whole(5, slice)],
  },
  {
    name: 'a lost beginning tears the picture that comes',
    packets: [
      { timestamp: 1, marker: true, payload: idr },
      { timestamp: 2, marker: true, payload: laterSlice, gap: true },
      { timestamp: 3, marker: true, payload: slice },
    ],
    units: [whole(1, idr), { timestamp: 2, units: [laterSlice], torn: true }, whole(3, slice)],
  },
  {
    name: 'a slice behind a gap does not make its marker a lie',
    packets: [
      { timestamp: 1, marker: true, payload: idr },
      { timestamp: 1, marker: true, payload: laterSlice, gap: true },
      { timestamp: 2, marker: true, payload: slice },
    ],
    units: [whole(1, idr), { timestamp: 1, units: [laterSlice], torn: true }, whole(2, slice)],
  },
  {
    name: 'an aggregation whose lengths lie, a structure not in use, an empty packet',
    packets: [
      { timestamp: 1, marker: false, payload: [24, 0, 9, 1] },
      { timestamp: 1, marker: true, payload: idr },
      { timestamp: 2, marker: false, payload: [26, 1, 2] },
      { timestamp: 2, marker: false, payload: [] },
      { timestamp: 2, marker: true, payload: slice },
    ],
    units: [{ timestamp: 1, units: [idr], torn: true }, whole(2, slice)],
    damage: ['truncated', 'malformed'],
  },
])('$name', ({ packets, units, damage = [] }) => {
  test('is understood', () => expect(receive(packets)).toEqual({ units, damage }));
});

const unit = fc
  .record({ header: fc.constantFrom(0x67, 0x68, 0x06), body: fc.uint8Array({ minLength: 1, maxLength: 400 }) })
  .map(({ header, body }) => [header, ...body]);
const picture = fc
  .record({ before: fc.array(unit, { maxLength: 3 }), body: fc.uint8Array({ minLength: 1, maxLength: 3000 }) })
  .map(({ before, body }) => [...before, [0x65, 0x80, ...body]]);

test('what is packetized comes back, whatever the size of packets', () => {
  fc.assert(
    fc.property(fc.array(picture, { maxLength: 5 }), fc.integer({ min: 4, max: 1500 }), (pictures, most) => {
      const packets = pictures.flatMap((units, timestamp) => {
        const payloads = packetizeH264(
          units.map((bytes) => Uint8Array.from(bytes)),
          most,
        );
        for (const payload of payloads) expect(payload.length).toBeLessThanOrEqual(most);
        return payloads.map((payload, i) => ({ timestamp, payload, marker: i === payloads.length - 1 }));
      });
      const received = receive(packets);
      expect(received.units).toEqual(pictures.map((units, timestamp) => whole(timestamp, ...units)));
    }),
  );
});

test('no packets make it throw', () => {
  const sent = fc.record({
    timestamp: fc.nat({ max: 3 }),
    marker: fc.boolean(),
    gap: fc.boolean(),
    payload: fc
      .tuple(fc.constantFrom(0x65, 0x41, 0x67, 24, 28, 0, 30), fc.uint8Array({ maxLength: 30 }))
      .map(([first, rest]) => [first, ...rest]),
  });
  fc.assert(fc.property(fc.array(sent, { maxLength: 30 }), (packets) => receive(packets).damage.length >= 0));
});
