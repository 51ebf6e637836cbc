import { expect, test } from 'vitest';
import { ProgramChoice } from './program-choice.ts';
import type { Pmt } from './psi.ts';

const h264 = { pid: 0x100, streamType: 0x1b, descriptors: [] };
const mpeg2 = { pid: 0x200, streamType: 0x02, descriptors: [] };
const map = (program: number, ...streams: Pmt['streams'][number][]): Pmt => ({
  version: 0,
  program,
  pcrPid: 0x100,
  streams,
});

function choice(...numbers: number[]): ProgramChoice {
  const programs = new ProgramChoice();
  programs.programs({ version: 0, programs: numbers.map((number) => ({ number, pmtPid: 0x20 + number })) });
  return programs;
}

test('the first program of the PAT, whichever map comes first', () => {
  const programs = choice(7, 3);
  programs.map(map(3, h264));
  expect(programs.chosen()).toBeUndefined();
  programs.map(map(7, h264));
  expect(programs.chosen()?.program).toBe(7);
});

test('a program without a track that can be carried is passed over', () => {
  const programs = choice(1, 2);
  programs.map(map(1, mpeg2));
  programs.map(map(2, mpeg2, h264));
  expect(programs.chosen()?.program).toBe(2);
});

test('a map that never comes holds up nothing for long', () => {
  const programs = choice(1, 2);
  for (let i = 0; i < 3; i++) programs.map(map(2, h264));
  expect(programs.chosen()?.program).toBe(2);
});

test('when nothing can be carried the operator is told what there is', () => {
  const programs = choice(1, 2);
  programs.map(map(1));
  programs.map(map(2, mpeg2));
  expect(programs.chosen()?.program).toBe(2);
});

test('programs that left the PAT are forgotten, and maps of strangers ignored', () => {
  const programs = choice(1);
  programs.map(map(1, h264));
  programs.programs({ version: 1, programs: [{ number: 2, pmtPid: 0x22 }] });
  programs.map(map(1, h264));
  expect(programs.chosen()).toBeUndefined();
  programs.map(map(2, h264));
  expect(programs.chosen()?.program).toBe(2);
});

test('PIDs of tables and null packets carry no map', () => {
  const programs = new ProgramChoice();
  const pids = [0, 1, 15, 0x1fff, 16, 16];
  programs.programs({ version: 0, programs: pids.map((pmtPid, number) => ({ number, pmtPid })) });
  expect(programs.mapPids()).toEqual([16]);
});
