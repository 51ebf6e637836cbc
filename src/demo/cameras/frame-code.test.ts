import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { framesPerClip, readFrameCode } from './frame-code.ts';

/** The code as the clip's script draws it, one sample a block. */
function code(number: number): number[] {
  const bits = [...number.toString(2).padStart(12, '0')].map(Number);
  const ones = bits.filter((bit) => bit === 1).length % 4;
  return [1, 0, ...bits, ones >> 1, ones & 1].map((bit) => bit * 219 + 16);
}

const widen = (samples: number[], times: number): number[] => samples.flatMap((sample) => Array(times).fill(sample));

test.each([0, 1, 250, 999, 4095])('reads %i at any width', (number) => {
  for (const times of [2, 20, 40, 41]) expect(readFrameCode(widen(code(number), times))).toBe(number);
});

test('a damaged or missing code is no number', () => {
  const damaged = code(250);
  damaged[5] = 235 + 16 - (damaged[5] ?? 0);
  expect(readFrameCode(widen(damaged, 40))).toBeUndefined();
  expect(readFrameCode(widen(Array(16).fill(80), 40))).toBeUndefined();
});

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
if (!hasFfmpeg) process.stderr.write('skipped: the committed clips are not decoded, for ffmpeg is missing\n');

test.skipIf(!hasFfmpeg).each(['lobby', 'gate', 'yard'])('every frame of the clip %s carries its number', (clip) => {
  const filter = 'format=gray,crop=in_w:1:0:18,scale=320:1';
  const args = ['-v', 'error', '-i', `demo/clip/${clip}.ts`, '-map', '0:v', '-vf', filter, '-f', 'rawvideo', '-'];
  const { stdout, stderr } = spawnSync('ffmpeg', args, { maxBuffer: 1e8 });
  expect(stderr.toString()).toBe('');
  const numbers = Array.from({ length: stdout.length / 320 }, (_, i) =>
    readFrameCode(stdout.subarray(i * 320, i * 320 + 320)),
  );
  expect(numbers).toEqual(Array.from({ length: framesPerClip }, (_, i) => i));
});
