import { describe, expect, test } from 'vitest';
import type { GroupOptions } from '../testing/test-config.ts';
import { TestGroup } from '../testing/test-group.ts';

/** Its cameras send for longer than the inputs' first look at their frames. */
function established(options: GroupOptions = {}): TestGroup {
  const group = TestGroup.started(options);
  group.run(10_000);
  return group;
}

/** A camera that no server reaches any more, all three having had their turn. */
function dark(): { group: TestGroup; stream: string; home: string } {
  const group = established();
  const stream = 'cam1';
  const home = group.home(stream);
  for (const { name } of group.config.servers) {
    if (name !== home) group.cameras.unreachable.add(`${name}>${stream}`);
  }
  group.cameras.lose(group.server(home), stream);
  return { group, stream, home };
}

describe('a stream of which nobody has frames', () => {
  test('is shown in one state by all, captured by nobody, while its servers try in turn', () => {
    const { group, stream, home } = dark();
    const lostAt = group.now;
    group.run(11_000);
    const tried = new Set<unknown>();
    for (let second = 0; second < 120; second++) {
      for (const { name } of group.config.servers) {
        const view = group.streamView(name, stream);
        expect(view).toMatchObject({ state: 'error', capturedBy: undefined, since: undefined });
        expect(Math.abs((view?.framesUntil ?? 0) - lostAt)).toBeLessThan(100);
        tried.add(view?.triedBy);
      }
      group.run(1_000);
    }
    expect([...tried].sort()).toEqual(['s1', 's2', 's3']);
    group.cameras.find(group.server(home), stream);
    group.until(() => group.holders(stream).length === 1, 60_000);
    group.run(100);
    const seen = group.streamView('s2', stream);
    expect(seen).toMatchObject({ state: 'running', capturedBy: home, triedBy: undefined, framesUntil: undefined });
  });

  test('is still its only one, when that goes on trying', () => {
    const group = established({ servers: 1, streams: 1 });
    const { since } = group.streamView('s1', 'cam1') ?? {};
    const lostAt = group.now;
    group.cameras.lose(group.server('s1'), 'cam1');
    group.run(60_000);
    expect(group.streamView('s1', 'cam1')).toMatchObject({ state: 'error', capturedBy: 's1', since, triedBy: 's1' });
    expect(group.streamView('s1', 'cam1')?.framesUntil).toBe(lostAt);
  });

  test('had its last ones when the dead server that captured it was last heard', () => {
    const { group, stream, home } = dark();
    group.cameras.find(group.server(home), stream);
    group.until(() => group.holders(stream).length === 1, 60_000);
    group.run(1_000);
    const frozenAt = group.now;
    group.freeze(home);
    group.run(15_000);
    const other = group.config.servers.find(({ name }) => name !== home)?.name ?? '';
    const { framesUntil = 0 } = group.streamView(other, stream) ?? {};
    expect(framesUntil).toBeGreaterThan(frozenAt - 5_000);
    expect(framesUntil).toBeLessThanOrEqual(frozenAt);
  });
});

test('a restarted server knows since when the others have their streams', () => {
  const group = TestGroup.started();
  const stream = group.streamsOf('s1')[0] ?? '';
  const before = group.streamView('s1', stream)?.since ?? 0;
  group.run(60_000);
  group.kill('s2');
  group.run(1_000);
  group.start('s2');
  group.run(3_000);
  expect(Math.abs((group.streamView('s2', stream)?.since ?? 0) - before)).toBeLessThan(100);
});
