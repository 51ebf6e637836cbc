import { expect, test } from 'vitest';
import { actionOfKey, actionOfLine, notUnderstood } from './actions.ts';

test.each([
  ['2', { type: 'select', index: 1 }],
  ['k', { type: 'kill', index: undefined }],
  ['F', { type: 'freeze', index: undefined }],
  ['\u0003', { type: 'quit' }],
  ['x', undefined],
])('key %j', (key, action) => {
  expect(actionOfKey(key)).toEqual(action);
});

test.each([
  ['k2', { type: 'kill', index: 1 }],
  [' r 3 ', { type: 'restart', index: 2 }],
  ['q', { type: 'quit' }],
  ['k', undefined],
  ['kill 2', undefined],
  ['', undefined],
])('line %j', (line, action) => {
  expect(actionOfLine(line)).toEqual(action);
});

test.each([
  ['x', /^'x' means nothing here/],
  ['\u001b[A', /^'\[A' means nothing here/],
  ['\u0001', /^that key means nothing here/],
])('what has no meaning is answered: %j', (typed, answer) => {
  expect(notUnderstood(typed)).toMatch(answer);
});
