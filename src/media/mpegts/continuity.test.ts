import fc from 'fast-check';
import { expect, test } from 'vitest';
import { capture, demux } from '../../../test/support/captures.ts';
import { ffmpegMissing } from '../../../test/support/ffmpeg.ts';
import { complaints } from '../../../test/support/media-judge.ts';
import { ContinuityRewriter } from './continuity.ts';
import { TsMuxer } from './muxer.ts';

const source = demux(capture('b-frames.ts'));
const tracks = source.announced[0]?.tracks ?? [];
const second = source.frames.findLastIndex(({ track, keyframe }) => track === 0 && keyframe);
/** Two servers each mux a part; the second counts from zero. */
const parts = [source.frames.slice(0, second), source.frames.slice(second)].map((frames) =>
  new TsMuxer(tracks).write(frames),
);
const joined = Uint8Array.from(Buffer.concat(parts));

test('two muxers joined are as one', () => {
  expect(demux(joined).damages).not.toEqual([]);
  const rewritten = new ContinuityRewriter().rewrite(joined.slice());
  expect(demux(rewritten).damages).toEqual([]);
  expect(demux(rewritten).of(0)).toHaveLength(50);
});

test.skipIf(ffmpegMissing)('ffmpeg finds no gap', () => {
  expect(complaints(new ContinuityRewriter().rewrite(joined.slice()), 'ts')).toEqual([]);
});

test('where the bytes are chopped makes no difference', () => {
  const whole = new ContinuityRewriter().rewrite(joined.slice());
  const small = joined.slice(0, 188 * 20);
  fc.assert(
    fc.property(fc.array(fc.nat(small.length), { maxLength: 30 }), (cuts) => {
      const copy = small.slice();
      const rewriter = new ContinuityRewriter();
      const places = [0, ...[...cuts].sort((a, b) => a - b), copy.length];
      for (const [i, to] of places.entries()) if (i > 0) rewriter.rewrite(copy.subarray(places[i - 1], to));
      expect(copy).toEqual(whole.subarray(0, copy.length));
    }),
  );
});

test('one muxer alone is left as it is', () => {
  const [first = joined] = parts;
  expect(new ContinuityRewriter().rewrite(first.slice())).toEqual(first);
});

test('packets without payload and null packets do not count', () => {
  const packet = (pid: number, control: number, counter: number): Uint8Array => {
    const bytes = new Uint8Array(188);
    bytes.set([0x47, pid >> 8, pid & 255, control | counter]);
    return bytes;
  };
  const bytes = Uint8Array.from(
    Buffer.concat([packet(256, 0x10, 7), packet(256, 0x20, 3), packet(0x1fff, 0x10, 9), packet(256, 0x30, 3)]),
  );
  new ContinuityRewriter().rewrite(bytes);
  expect([0, 1, 2, 3].map((i) => (bytes[i * 188 + 3] ?? 0) & 15)).toEqual([7, 7, 9, 8]);
});

test('behind a cut packet the next stream is joined by its beginning', () => {
  const rewriter = new ContinuityRewriter();
  const [first = joined, next = joined] = parts;
  const cut = first.slice(0, first.length - 100);
  rewriter.rewrite(cut);
  rewriter.splice();
  const rest = rewriter.rewrite(next.slice());
  expect(demux(Uint8Array.from(Buffer.concat([first.slice(0, -188), rest]))).of(0).length).toBeGreaterThan(45);
  expect(rest[0]).toBe(0x47);
});
