import { describe, expect, test } from 'vitest';
import { TestGroup } from './testing/test-group.ts';

describe('a group that starts together', () => {
  test('settles at once and captures each stream at its home', () => {
    const group = new TestGroup();
    for (const server of group.config.servers) group.start(server.name);
    expect(group.until(() => group.allHome(), 1_000)).toBeLessThan(200);
    expect([...group.peak.values()]).toEqual(Array(12).fill(1));
  });

  test('a server alone captures all', () => {
    const group = TestGroup.started({ servers: 1, streams: 3 });
    expect(group.allHome()).toBe(true);
  });
});

describe('a killed process', () => {
  test.each([2, 3, 5])('of %i servers is replaced within half a second, and nothing else moves', (servers) => {
    const group = TestGroup.started({ servers });
    const orphans = group.streamsOf('s1');
    const others = group.config.streams.map((stream) => stream.name).filter((name) => !orphans.includes(name));
    group.kill('s1');
    expect(group.until(() => group.allOnce(), 2_000)).toBeLessThan(500);
    for (const stream of others) {
      expect(group.holders(stream)).toEqual([group.home(stream)]);
      expect(group.dark.get(stream as never)).toBe(0);
    }
    expect(group.view('s2', 's1')?.state).toBe('dead');
  });

  test('gets its streams back without a moment without frames', () => {
    const group = TestGroup.started();
    group.kill('s1');
    group.run(5_000);
    const dark = new Map(group.dark);
    group.start('s1');
    expect(group.until(() => group.allHome(), 20_000)).toBeGreaterThan(5_000);
    expect(group.dark).toEqual(dark);
    expect(group.told('failback')).toHaveLength(group.streamsOf('s1').length);
  });
});

describe('a frozen server', () => {
  test('is dead after stale_timeout, and takes a new life when it wakes', () => {
    const group = TestGroup.started();
    group.freeze('s1');
    const orphans = group.streamsOf('s1');
    const took = group.until(
      () => orphans.every((stream) => group.holders(stream).some((name) => name !== 's1')),
      15_000,
    );
    expect(took).toBeGreaterThan(6_000);
    expect(took).toBeLessThanOrEqual(11_000);
    group.run(5_000);
    group.thaw('s1');
    expect(group.until(() => group.allHome(), 20_000)).toBeLessThan(15_000);
  });

  test('for so short that its peers did not notice tells it, and ends nothing', () => {
    const group = TestGroup.started();
    group.freeze('s1');
    group.run(6_000);
    group.thaw('s1');
    group.run(1_000);
    expect(group.told('stood-still')).toEqual([
      expect.stringMatching(/s1 stood-still {"forMs":5\d\d\d,"beginsAnew":false}/),
    ]);
    expect(group.told('server-up')).toEqual([]);
  });

  test('that takes a new life was not restarted, to anybody', () => {
    const group = TestGroup.started();
    group.freeze('s1');
    group.run(30_000);
    group.thaw('s1');
    group.run(20_000);
    expect(group.told('stood-still')[0]).toContain('"beginsAnew":true');
    expect(group.told('server-up')).toHaveLength(2);
    for (const line of group.told('server-up')) expect(line).toContain('"cause":"stood-still"');
  });
});

describe('draining', () => {
  test('gives every stream away without a moment without frames', () => {
    const group = TestGroup.started();
    group.send('s1', { type: 'drain' });
    group.until(() => group.server('s1').running.size === 0, 20_000);
    expect(group.allOnce()).toBe(true);
    expect(Math.max(...group.dark.values())).toBe(0);
    group.send('s1', { type: 'undrain' });
    group.until(() => group.allHome(), 20_000);
    expect(Math.max(...group.dark.values())).toBe(0);
  });

  test('a leaving server says goodbye when it has nothing left', () => {
    const group = TestGroup.started();
    group.send('s1', { type: 'leave' });
    group.until(() => group.server('s1').left, 20_000);
    expect(group.allOnce()).toBe(true);
    expect(Math.max(...group.dark.values())).toBe(0);
    expect(group.view('s2', 's1')?.state).toBe('dead');
  });
});

describe('break handover', () => {
  test('frees the camera before the home connects', () => {
    const group = TestGroup.started({ stream: { handover: 'break' } });
    group.kill('s1');
    group.run(5_000);
    group.peak.clear();
    group.start('s1');
    group.until(() => group.allHome(), 30_000);
    expect([...group.peak.values()]).toEqual(Array(12).fill(1));
  });
});
