import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { frameTicks, tsChunks } from '../../../test/support/ts-chunks.ts';
import { instant } from '../../units/time.ts';
import type { MpegtsChunk } from '../ports/ports.ts';
import { SourceJoin } from './source-join.ts';
import { unitStarts } from './unit-start.ts';

const gop = 10;
/** A join reads its chunks and nothing more, so all tests share them. */
const timeline = tsChunks({ from: 0, to: 140, gop });
const piece = (from: number, to: number): MpegtsChunk[] => timeline.slice(from, to);
const at = (ms: number) => instant(ms);
const framesOf = (chunk: MpegtsChunk): number[] => [...unitStarts(chunk.data)].map((unit) => unit.dts / frameTicks);

/** A join with `old` active and sent up to, but not with, frame `sent`. */
function sentUpTo(sent: number): { join: SourceJoin; frames: number[] } {
  const join = new SourceJoin();
  join.switchTo('old', at(0));
  const frames = piece(0, sent)
    .flatMap((chunk) => join.push('old', chunk, at(0)))
    .flatMap(framesOf);
  return { join, frames };
}

describe('an agreed handover', () => {
  test('begins the first source with its first keyframe', () => {
    const join = new SourceJoin();
    join.switchTo('old', at(0));
    const sent = piece(7, 13).flatMap((chunk) => join.push('old', chunk, at(0)));
    expect(sent.flatMap(framesOf)).toEqual([10, 11, 12]);
  });

  test('goes on right behind the last frame, inside the group of pictures that both have', () => {
    const { join, frames } = sentUpTo(17);
    join.switchTo('new', at(0));
    for (const chunk of piece(0, 25)) frames.push(...join.push('new', chunk, at(0)).flatMap(framesOf));
    expect(frames).toEqual(Array.from({ length: 25 }, (_, i) => i));
    expect(join.active).toBe('new');
  });

  test.each([
    [0, 3],
    [3, 0],
    [2, 2],
  ])(
    'loses and repeats no audio when that lags by %i pictures in the old one, by %i in the new one',
    (oldLag, newLag) => {
      const join = new SourceJoin();
      join.switchTo('old', at(0));
      const old = tsChunks({ from: 0, to: 37, gop, audioLag: oldLag }).flatMap((chunk) =>
        join.push('old', chunk, at(0)),
      );
      join.switchTo('new', at(0));
      const next = tsChunks({ from: 20, to: 60, gop, audioLag: newLag }).flatMap((chunk) =>
        join.push('new', chunk, at(0)),
      );
      const units = [...old, ...next].flatMap((chunk) => [...unitStarts(chunk.data)]);
      const sound = units.filter((unit) => !unit.video && unit.dts < 2 ** 32).map((unit) => unit.dts);
      expect(
        sound
          .slice(1)
          .map((dts, i) => dts - (sound[i] ?? 0))
          .every((step) => step === 1920),
      ).toBe(true);
      expect(units.filter((unit) => unit.video).map((unit) => unit.dts / frameTicks)).toEqual(
        Array.from({ length: 60 }, (_, i) => i),
      );
    },
  );

  test('goes on at once when the old one ended right before the first keyframe of the new one', () => {
    const { join, frames } = sentUpTo(20);
    join.switchTo('new', at(0));
    for (const chunk of piece(20, 25)) frames.push(...join.push('new', chunk, at(0)).flatMap(framesOf));
    expect(frames).toEqual(Array.from({ length: 25 }, (_, i) => i));
  });

  test('waits for the old one to come up to that keyframe', () => {
    const { join, frames } = sentUpTo(17);
    join.switchTo('new', at(0));
    for (const chunk of piece(20, 23)) expect(join.push('new', chunk, at(0))).toEqual([]);
    for (const chunk of piece(17, 23)) frames.push(...join.push('old', chunk, at(0)).flatMap(framesOf));
    expect(frames).toEqual(Array.from({ length: 23 }, (_, i) => i));
  });

  test('takes the next keyframe when the old one steps over the first', () => {
    const { join } = sentUpTo(17);
    join.switchTo('new', at(0));
    for (const chunk of piece(20, 32)) join.push('new', chunk, at(0));
    const wide = { keyframe: false, data: Buffer.concat(piece(17, 23).map(({ data }) => data)) };
    expect(join.push('old', wide, at(0)).flatMap(framesOf)).toEqual([17, 18, 19, 20, 21, 22]);
    expect(join.tick(at(1000)).flatMap(framesOf)).toEqual([30, 31]);
  });

  test('goes on without the old one when that is silent', () => {
    const { join } = sentUpTo(17);
    join.switchTo('new', at(0));
    for (const chunk of piece(20, 23)) join.push('new', chunk, at(100));
    expect(join.tick(at(599))).toEqual([]);
    expect(join.tick(at(600)).flatMap(framesOf)).toEqual([20, 21, 22]);
  });

  test('does not continue the pictures of another encoder', () => {
    const { join } = sentUpTo(17);
    join.switchTo('new', at(0));
    const other = tsChunks({ from: 5, to: 30, gop: 5 });
    expect(other.slice(0, 15).flatMap((chunk) => join.push('new', chunk, at(0)))).toEqual([]);
  });

  test('takes any keyframe when the new one stays behind what was sent', () => {
    const { join } = sentUpTo(100);
    join.switchTo('new', at(0));
    const behind = piece(0, 11);
    expect(behind.flatMap((chunk) => join.push('new', chunk, at(4999)))).toEqual([]);
    const late = piece(20, 22);
    expect(late.flatMap((chunk) => join.push('new', chunk, at(5000))).flatMap(framesOf)).toEqual([20, 21]);
  });

  test('stays with the old one when the owner comes back', () => {
    const { join, frames } = sentUpTo(15);
    join.switchTo('new', at(0));
    for (const chunk of piece(20, 24)) join.push('new', chunk, at(0));
    join.switchTo('old', at(0));
    for (const chunk of piece(15, 30)) frames.push(...join.push('old', chunk, at(0)).flatMap(framesOf));
    expect(frames).toEqual(Array.from({ length: 30 }, (_, i) => i));
  });
});

test('whatever the order, frames never go back, come at keyframes or behind their predecessors, and none is lost when the sources overlap', () => {
  const arbitrary = fc.record({
    sent: fc.integer({ min: 1, max: 60 }),
    begin: fc.integer({ min: 0, max: 60 }).map((n) => n - (n % gop)),
    oldEnds: fc.integer({ min: 0, max: 40 }),
    order: fc.array(fc.boolean(), { minLength: 150, maxLength: 150 }),
  });
  fc.assert(
    fc.property(arbitrary, ({ sent, begin, oldEnds, order }) => {
      const { join, frames } = sentUpTo(sent);
      join.switchTo('new', at(0));
      const old = piece(sent, sent + oldEnds);
      const next = piece(begin, 140);
      const take = (source: 'old' | 'new', chunk: MpegtsChunk | undefined): void => {
        if (chunk !== undefined) frames.push(...join.push(source, chunk, at(0)).flatMap(framesOf));
      };
      for (const fromOld of order) take(fromOld ? 'old' : 'new', fromOld ? old.shift() : next.shift());
      while (old.length > 0) take('old', old.shift());
      while (next.length > 0) take('new', next.shift());
      frames.push(...join.tick(at(1000)).flatMap(framesOf));
      expect(join.active).toBe('new');
      const holes = frames.slice(1).filter((frame, i) => frame !== (frames[i] ?? 0) + 1);
      expect(holes.every((frame) => frame % gop === 0)).toBe(true);
      expect(frames.every((frame, i) => i === 0 || frame > (frames[i - 1] ?? 0))).toBe(true);
      if (begin <= sent + oldEnds) expect(holes.length).toBe(0);
    }),
    { numRuns: 300 },
  );
});
