import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BitWriter } from '../bits.ts';
import { withEmulationPrevention } from '../codec/rbsp.ts';
import type { Damage } from '../track.ts';
import { H264Stream } from './h264-stream.ts';
import { ProgramClock } from './timestamp.ts';

const delimiter = [9, 0xf0];
const sps = [
  ...withEmulationPrevention(
    new BitWriter()
      .bits(0x67, 8)
      .bits(66, 8)
      .bits(0, 8)
      .bits(30, 8)
      .ue(0)
      .ue(0)
      .ue(0)
      .ue(0)
      .ue(1)
      .bits(0, 1)
      .ue(9)
      .ue(8)
      .bits(0b1100, 4)
      .bits(1, 1)
      .bytes(),
  ),
];
const pps = [...new BitWriter().bits(0x68, 8).ue(0).ue(0).bits(1, 1).bytes()];
const idr = [0x65, 0x88, 0x84, 1];
const sliceOf = (mark: number): number[] => [0x41, 0x9a, 2, mark];
const laterSlice = (mark: number): number[] => [0x41, 0x5a, 2, mark];
const code = (...units: readonly (readonly number[])[]): number[] => units.flatMap((unit) => [0, 0, 0, 1, ...unit]);
const key = code(delimiter, sps, pps, idr);

type Step = { readonly time?: number; readonly bytes: readonly number[] } | 'lost';

function run(steps: readonly Step[]): { frames: [dts: number, last: number, units: number][]; damage: Damage[] } {
  const frames: [number, number, number][] = [];
  const damage: Damage[] = [];
  const stream = new H264Stream(new ProgramClock(), {
    track: () => {},
    frame: (dts, _pts, _keyframe, units) => frames.push([dts, units.at(-1)?.at(-1) ?? 0, units.length]),
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
  return { frames, damage };
}

test.each<[string, readonly Step[], readonly (readonly number[])[]]>([
  [
    'one picture a packet',
    [
      { time: 0, bytes: key },
      { time: 3600, bytes: code(delimiter, sliceOf(2)) },
    ],
    [
      [0, 1, 4],
      [3600, 2, 2],
    ],
  ],
  [
    'several pictures in a packet: the first has its time, the others follow at the usual distance',
    [
      { time: 0, bytes: key },
      {
        time: 1800,
        bytes: [...code(delimiter, sliceOf(2)), ...code(delimiter, sliceOf(3)), ...code(delimiter, sliceOf(4))],
      },
      { time: 7200, bytes: code(delimiter, sliceOf(5)) },
    ],
    [
      [0, 1, 4],
      [1800, 2, 2],
      [3600, 3, 2],
      [5400, 4, 2],
      [7200, 5, 2],
    ],
  ],
  [
    'a packet for each slice',
    [
      { time: 0, bytes: key },
      { bytes: code(laterSlice(2)) },
      { time: 3600, bytes: code(sliceOf(3)) },
      { bytes: code(laterSlice(4)) },
    ],
    [
      [0, 2, 5],
      [3600, 4, 2],
    ],
  ],
  [
    'no delimiters',
    [{ time: 0, bytes: code(sps, pps, idr, sliceOf(2), sliceOf(3)) }],
    [
      [0, 1, 3],
      [3600, 2, 1],
      [7200, 3, 1],
    ],
  ],
  [
    'a packet that begins within a picture, whose time is the next picture’s',
    [
      { time: 0, bytes: key },
      { time: 3600, bytes: [7, 7, ...code(delimiter, sliceOf(2))] },
    ],
    [
      [0, 7, 4],
      [3600, 2, 2],
    ],
  ],
  [
    'what comes before the first beginning of a picture is not one',
    [
      { time: 0, bytes: code(laterSlice(9)) },
      { time: 3600, bytes: key },
    ],
    [[3600, 1, 4]],
  ],
  [
    'a picture with missing bytes is dropped, and so is what belongs to it',
    [
      { time: 0, bytes: key },
      { time: 3600, bytes: code(delimiter, sliceOf(2)) },
      'lost',
      { bytes: code(laterSlice(3)) },
      { time: 7200, bytes: code(delimiter, sliceOf(4)) },
    ],
    [
      [0, 1, 4],
      [7200, 4, 2],
    ],
  ],
  [
    'pictures in front of the missing bytes are whole',
    [
      { time: 0, bytes: [...key, ...code(delimiter, sliceOf(2))] },
      'lost',
      { time: 7200, bytes: code(delimiter, sliceOf(4)) },
    ],
    [
      [0, 1, 4],
      [7200, 4, 2],
    ],
  ],
  [
    'an end of sequence of one byte',
    [
      { time: 0, bytes: [...key, 0, 0, 1, 10] },
      { time: 3600, bytes: code(delimiter, sliceOf(2)) },
    ],
    [
      [0, 10, 5],
      [3600, 2, 2],
    ],
  ],
  [
    'zeros behind the units',
    [
      { time: 0, bytes: [...key, 0, 0, 0, 0] },
      { time: 3600, bytes: code(delimiter, sliceOf(2)) },
    ],
    [
      [0, 1, 4],
      [3600, 2, 2],
    ],
  ],
])('%s', (_, steps, frames) => {
  expect(run(steps).frames).toEqual(frames);
});

test('a picture before the first timestamp can not be placed', () => {
  const { frames, damage } = run([{ bytes: key }, { time: 3600, bytes: code(delimiter, sliceOf(2)) }]);
  expect(frames).toEqual([[3600, 2, 2]]);
  expect(damage).toMatchObject([{ kind: 'timestamp' }]);
});

test('a picture without end is dropped at its bound, and the next is found', () => {
  const endless = { bytes: new Array<number>(1_000_000).fill(0xaa) };
  const steps = [
    { time: 0, bytes: code(delimiter, idr) },
    ...new Array<Step>(10).fill(endless),
    { time: 9000, bytes: key },
  ];
  const { frames, damage } = run(steps);
  expect(frames).toEqual([[9000, 1, 4]]);
  expect(damage).toMatchObject([{ kind: 'too-large' }]);
});

test('where packets cut the stream of pictures makes no difference to the pictures', () => {
  const pictures = [key, ...[2, 3, 4, 5].map((mark) => code(delimiter, sliceOf(mark), laterSlice(mark)))];
  const stream = pictures.flat();
  const whole = run([{ time: 0, bytes: stream }]).frames;
  expect(whole).toHaveLength(5);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 4, max: stream.length }), { maxLength: 12 }), (cuts) => {
      const places = [0, ...[...cuts].sort((a, b) => a - b), stream.length];
      const steps = places.slice(1).map((to, i): Step => {
        const bytes = stream.slice(places[i], to);
        return i === 0 ? { time: 0, bytes } : { bytes };
      });
      expect(run(steps).frames.map(([, last]) => last)).toEqual([1, 2, 3, 4, 5]);
    }),
    { numRuns: 500 },
  );
});
