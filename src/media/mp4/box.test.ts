import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findBoxes, readBoxes } from './box-reader.ts';
import { BoxWriter } from './box-writer.ts';

test('nested boxes and their sizes', () => {
  const out = new BoxWriter(1);
  out.box('moov', () =>
    out
      .fullBox('mvhd', 1, 0x020304, () =>
        out
          .u8(5)
          .u16(6)
          .u32(-7)
          .u64(2n ** 63n),
      )
      .box('free', () => {}),
  );
  expect(Buffer.from(out.finish()).toString('hex')).toBe(
    '0000002b6d6f6f76' +
      '0000001b6d766864' +
      '01020304' +
      '05' +
      '0006' +
      'fffffff9' +
      '8000000000000000' +
      '0000000866726565',
  );
});

test('a tree comes back', () => {
  interface Node {
    readonly type: string;
    readonly inside: readonly Node[];
  }
  const { node } = fc.letrec<{ node: Node }>((tie) => ({
    node: fc.record({
      type: fc.constantFrom('moof', 'traf', 'mdat', 'free'),
      inside: fc.oneof({ maxDepth: 4 }, fc.constant([]), fc.array(tie('node'), { maxLength: 3 })),
    }),
  }));
  const write = (out: BoxWriter, { type, inside }: Node): void => {
    out.box(type, () => {
      for (const child of inside) write(out, child);
    });
  };
  const read = (bytes: Uint8Array, from: number, to: number): Node[] =>
    readBoxes(bytes, from, to).map(({ type, content, end }) => ({ type, inside: read(bytes, content, end) }));
  fc.assert(
    fc.property(fc.array(node, { maxLength: 4 }), (tree) => {
      const out = new BoxWriter(8);
      for (const one of tree) write(out, one);
      const bytes = out.finish();
      expect(read(bytes, 0, bytes.length)).toEqual(tree);
    }),
  );
});

test.each([
  ['cut', '0000000c66726565aabbcc', []],
  ['smaller than its header', '0000000466726565', []],
  ['to the end of the file', '000000006d646174aabb', [{ type: 'mdat', start: 0, content: 8, end: 10 }]],
  ['of 64 bits', '000000016d6461740000000000000011aa', [{ type: 'mdat', start: 0, content: 16, end: 17 }]],
  ['of absurd 64 bits', '000000016d646174ffffffffffffffffaa', []],
])('a box %s', (_, hex, boxes) => {
  expect(readBoxes(Uint8Array.from(Buffer.from(hex, 'hex')))).toEqual(boxes);
});

test('a path finds all boxes in order', () => {
  const out = new BoxWriter();
  for (const value of [1, 2]) out.box('moof', () => out.box('traf', () => out.box('tfdt', () => out.u8(value))));
  const bytes = out.finish();
  expect(findBoxes(bytes, 'moof/traf/tfdt').map(({ content }) => bytes[content])).toEqual([1, 2]);
  expect(findBoxes(bytes, 'moof/free')).toEqual([]);
});
