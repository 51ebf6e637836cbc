import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tsChunks } from '../../../test/support/ts-chunks.ts';
import type { MpegtsChunk } from '../ports/ports.ts';
import { ChunkSplitter } from './chunk-splitter.ts';

const chunks = tsChunks({ from: 0, to: 60, gop: 10, frameBytes: 700 });
/** And the beginning of one more, without which the last one could go on. */
const [more] = tsChunks({ from: 60, to: 61, gop: 10 });
const stream = Buffer.concat([...chunks, ...(more === undefined ? [] : [more])].map(({ data }) => data));

/** What is between two keyframes, put together. */
function groups(pieces: readonly MpegtsChunk[]): Buffer[] {
  const found: Uint8Array[][] = [];
  for (const { keyframe, data } of pieces) {
    if (keyframe) found.push([]);
    found.at(-1)?.push(data);
  }
  return found.map((parts) => Buffer.concat(parts));
}

test('finds the keyframes again however the bytes are chopped', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 40 }), (sizes) => {
      const splitter = new ChunkSplitter();
      const out: MpegtsChunk[] = [];
      for (let at = 0, i = 0; at < stream.length; i++) {
        const size = sizes[i % sizes.length] ?? 1;
        out.push(...splitter.push(stream.subarray(at, at + size)));
        at += size;
      }
      expect(out.every(({ data }) => data.length % 188 === 0 && ((data[1] ?? 0) & 0x40) !== 0)).toBe(true);
      expect(groups(out).map(String)).toEqual(groups(chunks).map(String));
    }),
    { numRuns: 50 },
  );
});

test('refuses what is no MPEG-TS', () => {
  expect(() => new ChunkSplitter().push(Buffer.from('<html>'.repeat(100)))).toThrow('something else');
});
