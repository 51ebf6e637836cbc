import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeAdtsHeader } from '../codec/aac.ts';
import type { Damage, Track } from '../track.ts';
import { AacStream } from './aac-stream.ts';
import { ProgramClock } from './timestamp.ts';

const lc = { objectType: 2, sampleRate: 48_000, channelConfiguration: 2 };
/** 1024 samples at 48 kHz in 90 kHz. */
const frameTicks = 1920;

function frame(mark: number, config = lc): number[] {
  const out = new Uint8Array(7 + 20).fill(mark);
  writeAdtsHeader(out, 0, config, 20);
  return [...out];
}

const frames = (from: number, to: number): number[] => {
  const bytes: number[] = [];
  for (let mark = from; mark < to; mark++) bytes.push(...frame(mark));
  return bytes;
};

type Step = { readonly time?: number; readonly bytes: readonly number[] } | 'lost';

function run(steps: readonly Step[]): { frames: [dts: number, mark: number][]; damage: Damage[]; tracks: Track[] } {
  const found: [number, number][] = [];
  const damage: Damage[] = [];
  const tracks: Track[] = [];
  const stream = new AacStream(new ProgramClock(), {
    track: (track) => tracks.push(track),
    frame: (dts, _pts, _keyframe, [unit]) => found.push([dts, unit?.[0] ?? -1]),
    damage: (one) => damage.push(one),
  });
  for (const step of steps) {
    if (step === 'lost') {
      stream.lost();
      continue;
    }
    stream.begin(step.time === undefined ? undefined : { pts: step.time, dts: step.time });
    stream.data(Uint8Array.from(step.bytes), 0, step.bytes.length);
  }
  stream.flush();
  return { frames: found, damage, tracks };
}

test.each<[string, readonly Step[], readonly (readonly number[])[]]>([
  [
    'several frames in a packet',
    [{ time: 0, bytes: frames(0, 3) }],
    [
      [0, 0],
      [1024, 1],
      [2048, 2],
    ],
  ],
  [
    'a frame that spans two packets: the time of the second is its first own frame’s',
    [
      { time: 0, bytes: frames(0, 2).slice(0, 40) },
      { time: 2 * frameTicks, bytes: [...frames(0, 2).slice(40), ...frame(2)] },
    ],
    [
      [0, 0],
      [1024, 1],
      [2048, 2],
    ],
  ],
  [
    'timestamps rounded to milliseconds don’t make cracks',
    [0, 21, 43, 64].map((ms, mark) => ({ time: ms * 90, bytes: frame(mark) })),
    [
      [0, 0],
      [1024, 1],
      [2048, 2],
      [3072, 3],
    ],
  ],
  [
    'a real hole stays one',
    [
      { time: 0, bytes: frames(0, 2) },
      { time: 90_000, bytes: frame(2) },
    ],
    [
      [0, 0],
      [1024, 1],
      [48_000, 2],
    ],
  ],
  [
    'a packet without a time goes on',
    [{ time: 0, bytes: frames(0, 2) }, { bytes: frame(2) }],
    [
      [0, 0],
      [1024, 1],
      [2048, 2],
    ],
  ],
  [
    'starts within a frame',
    [{ time: 0, bytes: [...frame(9).slice(10), ...frames(0, 3)] }],
    [
      [0, 0],
      [1024, 1],
      [2048, 2],
    ],
  ],
  [
    'behind lost bytes nothing is taken before the next packet',
    [{ time: 0, bytes: frames(0, 2).slice(0, 40) }, 'lost', { time: 9000, bytes: frames(5, 7) }],
    [
      [0, 0],
      [4800, 5],
      [5824, 6],
    ],
  ],
])('%s', (_, steps, found) => {
  const result = run(steps);
  expect(result.frames).toEqual(found);
  expect(result.damage).toEqual([]);
});

test('bytes between frames are told and passed over', () => {
  const result = run([{ time: 0, bytes: [...frames(0, 2), 1, 2, 3, ...frames(2, 5)] }]);
  expect(result.frames.map(([, mark]) => mark)).toEqual([0, 1, 2, 3, 4]);
  expect(result.damage).toEqual([{ kind: 'malformed', detail: '3 bytes between AAC frames' }]);
});

test('another configuration is another track once a second frame confirms it', () => {
  const mono = { ...lc, channelConfiguration: 1 };
  const result = run([{ time: 0, bytes: [...frames(0, 2), ...frame(2, mono), ...frame(3, mono)] }]);
  expect(result.tracks.map((track) => track.kind === 'audio' && track.channels)).toEqual([2, 1]);
  expect(result.frames).toHaveLength(4);
});

test('a header that is wrong once makes no track', () => {
  const result = run([
    { time: 0, bytes: [...frames(0, 2), ...frame(2, { ...lc, sampleRate: 8000 }), ...frames(3, 6)] },
  ]);
  expect(result.tracks).toHaveLength(1);
  expect(result.frames.map(([, mark]) => mark)).toEqual([0, 1, 3, 4, 5]);
});

test('where packets cut the frames makes no difference to them', () => {
  const stream = frames(0, 8);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 4, max: stream.length }), { maxLength: 12 }), (cuts) => {
      const places = [0, ...[...cuts].sort((a, b) => a - b), stream.length];
      const steps = places.slice(1).map((to, i): Step => {
        const bytes = stream.slice(places[i], to);
        return i === 0 ? { time: 0, bytes } : { bytes };
      });
      expect(run(steps).frames).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((mark) => [mark * 1024, mark]));
    }),
  );
});
