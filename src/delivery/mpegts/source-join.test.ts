import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { frameTicks, tsChunks } from '../../../test/support/ts-chunks.ts';
import { instant } from '../../units/time.ts';
import type { MpegtsChunk } from '../ports.ts';
import { SourceJoin } from './source-join.ts';
import { firstVideoTime } from './video-start.ts';

const gop = 10;
/** A join reads its chunks and nothing more, so all tests share them. */
const timeline = tsChunks({ from: 0, to: 140, gop });
const piece = (from: number, to: number): MpegtsChunk[] => timeline.slice(from, to);
const at = (ms: number) => instant(ms);
const frameOf = (chunk: MpegtsChunk): number => (firstVideoTime(chunk.data) ?? Number.NaN) / frameTicks;

/** A join with `old` active and sent up to, but not with, frame `sent`. */
function sentUpTo(sent: number): { join: SourceJoin; frames: number[] } {
  const join = new SourceJoin();
  join.switchTo('old', at(0));
  const frames = piece(0, sent)
    .flatMap((chunk) => join.push('old', chunk, at(0)))
    .map(frameOf);
  return { join, frames };
}

describe('an agreed handover', () => {
  test('begins the first source with its first keyframe', () => {
    const join = new SourceJoin();
    join.switchTo('old', at(0));
    const sent = piece(7, 13).flatMap((chunk) => join.push('old', chunk, at(0)));
    expect(sent.map(frameOf)).toEqual([10, 11, 12]);
  });

  test('goes on at once when the old one ended right before a keyframe of the new one', () => {
    const { join, frames } = sentUpTo(20);
    join.switchTo('new', at(0));
    for (const chunk of piece(10, 25)) frames.push(...join.push('new', chunk, at(0)).map(frameOf));
    expect(frames).toEqual(Array.from({ length: 25 }, (_, i) => i));
    expect(join.active).toBe('new');
  });

  test('waits for the old one to come up to the keyframe', () => {
    const { join, frames } = sentUpTo(17);
    join.switchTo('new', at(0));
    for (const chunk of piece(10, 23)) expect(join.push('new', chunk, at(0))).toEqual([]);
    for (const chunk of piece(17, 23)) frames.push(...join.push('old', chunk, at(0)).map(frameOf));
    expect(frames).toEqual(Array.from({ length: 23 }, (_, i) => i));
  });

  test('takes the next keyframe when the old one steps over the first', () => {
    const { join } = sentUpTo(17);
    join.switchTo('new', at(0));
    for (const chunk of piece(10, 32)) join.push('new', chunk, at(0));
    const wide = { keyframe: false, data: Buffer.concat(piece(17, 23).map(({ data }) => data)) };
    expect(join.push('old', wide, at(0))).toEqual([wide]);
    expect(join.tick(at(1000)).map(frameOf)).toEqual([30, 31]);
  });

  test('goes on without the old one when that is silent', () => {
    const { join } = sentUpTo(17);
    join.switchTo('new', at(0));
    for (const chunk of piece(10, 23)) join.push('new', chunk, at(100));
    expect(join.tick(at(599))).toEqual([]);
    expect(join.tick(at(600)).map(frameOf)).toEqual([20, 21, 22]);
  });

  test('takes any keyframe when the new one stays behind what was sent', () => {
    const { join } = sentUpTo(100);
    join.switchTo('new', at(0));
    const behind = piece(0, 11);
    expect(behind.flatMap((chunk) => join.push('new', chunk, at(4999)))).toEqual([]);
    const late = piece(20, 22);
    expect(late.flatMap((chunk) => join.push('new', chunk, at(5000))).map(frameOf)).toEqual([20, 21]);
  });

  test('stays with the old one when the owner comes back', () => {
    const { join, frames } = sentUpTo(15);
    join.switchTo('new', at(0));
    for (const chunk of piece(10, 24)) join.push('new', chunk, at(0));
    join.switchTo('old', at(0));
    for (const chunk of piece(15, 30)) frames.push(...join.push('old', chunk, at(0)).map(frameOf));
    expect(frames).toEqual(Array.from({ length: 30 }, (_, i) => i));
  });
});

test('whatever the order, frames never go back, the join is at a keyframe, and nothing is lost when the sources overlap', () => {
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
      let joined = -1;
      const take = (source: 'old' | 'new', chunk: MpegtsChunk | undefined): void => {
        if (chunk === undefined) return;
        const was = join.active;
        const out = join.push(source, chunk, at(0)).map(frameOf);
        if (was !== join.active)
          joined = frames.length + (source === 'old' ? out.findIndex((frame) => frame % gop === 0) : 0);
        frames.push(...out);
      };
      for (const fromOld of order) take(fromOld ? 'old' : 'new', fromOld ? old.shift() : next.shift());
      while (old.length > 0) take('old', old.shift());
      while (next.length > 0) take('new', next.shift());
      if (join.isWaiting) {
        joined = frames.length;
        frames.push(...join.tick(at(1000)).map(frameOf));
      }
      expect(frames).toEqual([...new Set(frames)].sort((a, b) => a - b));
      expect(join.active).toBe('new');
      expect((frames[joined] ?? 1) % gop).toBe(0);
      // The old one ends before a keyframe that the new one has: every frame was there to be sent.
      const oldEnd = sent + oldEnds;
      if (oldEnd % gop === 0 && begin <= oldEnd) expect(frames.length).toBe((frames.at(-1) ?? 0) + 1);
    }),
    { numRuns: 300 },
  );
});
