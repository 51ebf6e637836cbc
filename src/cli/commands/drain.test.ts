import { describe, expect, test } from 'vitest';
import { drained } from './drain.ts';

async function answers(...lefts: number[]): Promise<{ left: number; told: string[]; unasked: number[] }> {
  const told: string[] = [];
  const left = await drained(
    () => Promise.resolve(lefts.shift() ?? Number.NaN),
    (text) => told.push(text.trim()),
  );
  return { left, told, unasked: lefts };
}

describe('headwater drain', () => {
  test('waits on for as long as streams are taken', async () => {
    const { left, told } = await answers(40, 31, 31, 12, 12, 3, 0);
    expect(left).toBe(0);
    expect(told).toEqual([40, 31, 12, 3].map((count) => `draining: ${count} streams left`));
  });

  test('gives up, and says how many are left, when nothing moves', async () => {
    expect(await answers(9, 4, 4, 4, 0)).toMatchObject({ left: 4, unasked: [0] });
  });
});
