import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { capture, demux } from '../../../test/support/captures.ts';
import { sampleOf } from '../../../test/support/sample-of.ts';
import { ticks } from '../../units/ticks.ts';
import { type Sample, writeFragment } from './fragment.ts';
import { readFragmentHead } from './fragment-head.ts';
import { writeInit } from './init.ts';
import { readTrackHeaders } from './track-headers.ts';

const bytesOf = (parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

function sample(dts: number, pts: number, keyframe: boolean): Sample {
  return { dts: ticks(dts), pts: ticks(pts), duration: ticks(3600), keyframe, sample: new Uint8Array(10) };
}

const fragment = writeFragment(7, [
  {
    track: 0,
    kind: 'video',
    samples: [sample(1000, 8200, true), sample(4600, 15_400, false), sample(8200, 11_800, false)],
    origin: 1000,
  },
  { track: 1, kind: 'audio', samples: [sample(5000, 5000, true), sample(6024, 6024, true)], origin: 500 },
]);

describe('the head of a fragment', () => {
  test('tells the times of each track, and where its decode time stands', () => {
    const tracks = readFragmentHead(bytesOf(fragment.parts));
    expect(tracks).toEqual([
      { id: 1, decodeTime: { at: fragment.decodeTimes[0]?.at, value: 0n }, start: 7200, end: 18_000, keyframe: true },
      {
        id: 2,
        decodeTime: { at: fragment.decodeTimes[1]?.at, value: 4500n },
        start: 4500,
        end: 11_700,
        keyframe: true,
      },
    ]);
  });

  test('begins without a keyframe when its first sample is none', () => {
    const samples = [sample(0, 0, false), sample(3600, 3600, true)];
    const { parts } = writeFragment(1, [{ track: 0, kind: 'video', samples, origin: 0 }]);
    expect(readFragmentHead(bytesOf(parts))?.map(({ keyframe }) => keyframe)).toEqual([false]);
  });

  test('is not read when it is cut, and whatever is in it, nothing is thrown', () => {
    const bytes = bytesOf(fragment.parts);
    const moof = new DataView(bytes.buffer).getUint32(0);
    for (let cut = 0; cut < moof; cut++) expect(readFragmentHead(bytes.subarray(0, cut))).toBeUndefined();
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(moof - 1), fc.nat(255)), { maxLength: 20 }), (changes) => {
        const changed = bytes.slice();
        for (const [at, value] of changes) changed[at] = value;
        readFragmentHead(changed);
      }),
    );
  });
});

describe('the tracks of a movie header', () => {
  const names = ['b-frames.ts', 'slices-44100.ts', 'video-only.ts', 'audio-only.ts'];

  test.each(names)('%s: they are those that were written', (name) => {
    const tracks = demux(capture(name)).announced[0]?.tracks ?? [];
    const init = writeInit(tracks);
    expect(readTrackHeaders(Uint8Array.from([...init, 1, 2, 3]))).toEqual({
      tracks: tracks.map(({ kind, timescale }, i) => ({ id: i + 1, kind, timescale })),
      length: init.length,
    });
    for (let cut = 0; cut < init.length; cut += 7) expect(readTrackHeaders(init.subarray(0, cut))).toBeUndefined();
  });

  test('whatever is in it, nothing is thrown', () => {
    const init = writeInit(demux(capture('b-frames.ts')).announced[0]?.tracks ?? []);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(init.length - 1), fc.nat(255)), { maxLength: 20 }), (changes) => {
        const changed = init.slice();
        for (const [at, value] of changes) changed[at] = value;
        readTrackHeaders(changed);
      }),
    );
  });
});

test('the frames of a camera are found in their fragment', () => {
  const source = demux(capture('b-frames.ts'));
  const tracks = source.announced[0]?.tracks ?? [];
  const frames = source.of(0).slice(0, 10);
  const samples = frames.map((frame) => ({ ...frame, duration: ticks(3600), sample: sampleOf(frame, tracks) }));
  const { parts } = writeFragment(1, [{ track: 0, kind: 'video', samples, origin: 0 }]);
  const [track] = readFragmentHead(bytesOf(parts)) ?? [];
  expect(track?.start).toBe(frames[0]?.pts);
  expect(track?.end).toBe(Math.max(...frames.map(({ pts }) => pts)) + 3600);
});
