import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SectionReader } from './section-reader.ts';

const payloadBytes = 184;

function section(tableId: number, contentBytes: number): Uint8Array {
  const length = contentBytes;
  const bytes = new Uint8Array(3 + length).fill(tableId);
  bytes.set([tableId, 0xb0 | (length >> 8), length & 255]);
  return bytes;
}

interface Payload {
  readonly bytes: Uint8Array;
  readonly unitStart: boolean;
}

/** Sections one behind the other, as a multiplexer packs them: a pointer in each packet in which one begins. */
function packed(sections: readonly Uint8Array[]): Payload[] {
  const stream = sections.flatMap((bytes) => [...bytes]);
  const starts: number[] = [];
  let at = 0;
  for (const { length } of sections) {
    starts.push(at);
    at += length;
  }
  const payloads: Payload[] = [];
  let from = 0;
  while (from < stream.length) {
    const start = starts.find((place) => place >= from && place < from + payloadBytes - 1);
    const pointer = start === undefined ? [] : [start - from];
    const body = stream.slice(from, from + payloadBytes - pointer.length);
    const stuffing = new Array<number>(payloadBytes - pointer.length - body.length).fill(0xff);
    payloads.push({ bytes: Uint8Array.from([...pointer, ...body, ...stuffing]), unitStart: start !== undefined });
    from += body.length;
  }
  return payloads;
}

function read(payloads: readonly Payload[], lostBefore = -1): Uint8Array[] {
  const sections: Uint8Array[] = [];
  const reader = new SectionReader((bytes) => sections.push(bytes.slice()));
  payloads.forEach(({ bytes, unitStart }, i) => {
    if (i === lostBefore) reader.lost();
    else reader.packet(bytes, 0, bytes.length, unitStart);
  });
  return sections;
}

test('sections of any length, sharing packets and spanning them', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 1021 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(sizes, (lengths) => {
      const sections = lengths.map((length, i) => section(i + 1, length));
      expect(read(packed(sections))).toEqual(sections);
    }),
  );
});

test('a lost packet costs the sections in it and no other', () => {
  const sections = [section(1, 500), section(2, 500), section(3, 500)];
  expect(read(packed(sections), 1)).toEqual([section(2, 500), section(3, 500)]);
});

test('the rest of a section whose beginning was missed is passed over', () => {
  const [, ...rest] = packed([section(1, 500), section(2, 20)]);
  expect(read(rest)).toEqual([section(2, 20)]);
});

test('no payload makes it throw', () => {
  const payload = fc.record({ bytes: fc.uint8Array({ minLength: 1, maxLength: 184 }), unitStart: fc.boolean() });
  fc.assert(
    fc.property(fc.array(payload, { maxLength: 60 }), (payloads) => {
      for (const bytes of read(payloads)) expect(bytes.length).toBeLessThanOrEqual(4098);
    }),
  );
});
