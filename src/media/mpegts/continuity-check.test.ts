import { expect, test } from 'vitest';
import { ContinuityCheck } from './continuity-check.ts';

function packet(counter: number, content = counter, discontinuity = false): Uint8Array {
  const bytes = new Uint8Array(188).fill(content);
  bytes.set([0x47, 1, 0, (discontinuity ? 0x30 : 0x10) | (counter & 15)]);
  if (discontinuity) bytes.set([1, 0x80], 4);
  return bytes;
}

test.each([
  ['in order over the wrap', [packet(14), packet(15), packet(16)], ['next', 'next', 'next']],
  ['starts anywhere', [packet(7), packet(8)], ['next', 'next']],
  ['one lost', [packet(1), packet(3), packet(4)], ['next', 'gap', 'next']],
  ['the same packet twice', [packet(1), packet(1), packet(2)], ['next', 'repeat', 'next']],
  ['sixteen lost', [packet(1, 1), packet(2, 2), packet(2, 99)], ['next', 'next', 'gap']],
  ['an announced jump', [packet(1), packet(9, 9, true), packet(10)], ['next', 'restart', 'next']],
  ['announced, but none', [packet(1), packet(2, 2, true)], ['next', 'next']],
])('%s', (_, packets, verdicts) => {
  const check = new ContinuityCheck();
  expect(packets.map((bytes) => check.judge(bytes, 0))).toEqual(verdicts);
});

test('a sender that never counts is believed after a while', () => {
  const check = new ContinuityCheck();
  const verdicts = Array.from({ length: 100 }, (_, i) => check.judge(packet(0, i + 1), 0));
  expect(verdicts.slice(0, 3)).toEqual(['next', 'gap', 'gap']);
  expect(verdicts.slice(40).every((verdict) => verdict === 'next')).toBe(true);
  expect(check.meaningless).toBe(true);
});

test('loss alone, however long, never makes counters meaningless while some are right', () => {
  const check = new ContinuityCheck();
  for (let i = 0; i < 200; i++) check.judge(packet(i * 2 + (i % 10 === 0 ? 1 : 0), i), 0);
  for (let i = 0; i < 30; i++) check.judge(packet(i, i), 0);
  expect(check.meaningless).toBe(false);
});
