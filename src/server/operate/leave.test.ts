import { expect, it } from 'vitest';
import { runningConfig } from '../../../test/support/running-config.ts';
import { lastViewersWait } from './leave.ts';

it.each([
  ['nothing is configured', '', 0],
  ['segments have their usual length', 'stream a { url http://x/; }', 6_000],
  ['some are longer', 'stream a { url http://x/; } stream b { url http://x/; segment_duration 4; }', 12_000],
])('when %s', (_case, text, wait) => {
  expect(lastViewersWait(runningConfig(text, 'me').config.streams)).toBe(wait);
});
