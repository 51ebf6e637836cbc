import { describe, expect, test } from 'vitest';
import { streamName } from '../../units/ids.ts';
import { millis } from '../../units/time.ts';
import { TestGroup } from '../testing/test-group.ts';

describe('leaving', () => {
  test('of the whole group at once waits for nobody', () => {
    const group = TestGroup.started();
    const names = ['s1', 's2', 's3'];
    for (const name of names) group.send(name, { type: 'leave', linger: millis(6_000) });
    expect(group.until(() => names.every((name) => group.server(name).left), 60_000)).toBeLessThan(2_000);
  });

  test('waits for a server that boots: it will take what is left', () => {
    const group = TestGroup.started({ servers: 2 });
    const mine = group.streamsOf('s1').map((stream) => streamName(stream));
    expect(mine.length).toBeGreaterThan(0);
    group.kill('s2');
    group.start('s2');
    group.until(() => group.view('s1', 's2')?.state === 'booting', 1_000, 1);
    group.dark.clear();
    group.send('s1', { type: 'leave' });
    group.until(() => group.server('s1').left, 60_000, 100);
    expect(mine.map((stream) => group.dark.get(stream) ?? 0)).toEqual(mine.map(() => 0));
  });

  test('is told beside its death from one by accident', () => {
    const group = TestGroup.started();
    group.send('s1', { type: 'leave' });
    group.until(() => group.server('s1').left, 60_000, 100);
    group.kill('s2');
    group.until(() => group.view('s3', 's2')?.state === 'dead', 60_000, 100);
    expect(['s1', 's2', 's3'].map((name) => group.view('s3', name)?.cause)).toEqual([
      'leave',
      'process-dead',
      undefined,
    ]);
  });
});
