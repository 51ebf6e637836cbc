import { describe, expect, test } from 'vitest';
import { TestGroup } from '../testing/test-group.ts';

const said = (group: TestGroup, kind: 'drain' | 'drained' | 'undrain'): string[] =>
  group.told(kind).map((line) => line.slice(line.indexOf(' ') + 1));

describe('a drain is told by the server that drains', () => {
  test('when it begins, when all is given away, and when it is taken back', () => {
    const group = TestGroup.started();
    const mine = group.streamsOf('s1').length;
    group.send('s1', { type: 'drain' });
    group.send('s1', { type: 'drain' });
    group.run(10_000);
    expect(said(group, 'drain')).toEqual([`s1 drain {"cause":"operator","streams":${mine}}`]);
    expect(said(group, 'drained')).toEqual([
      expect.stringMatching(/^s1 drained {"cause":"operator","left":0,"tookMs":\d+}$/),
    ]);
    expect(group.told('given')).toHaveLength(mine);
    expect(group.told('handover')).toHaveLength(mine);
    expect(group.told('handover').every((line) => line.includes('"from":"s1","cause":"drain"'))).toBe(true);
    group.send('s1', { type: 'undrain' });
    group.run(10);
    expect(said(group, 'undrain')).toEqual([expect.stringMatching(/^s1 undrain {"drainedMs":10\d\d\d}$/)]);
  });

  test('with what nobody takes', () => {
    const group = TestGroup.started();
    const [stream = ''] = group.streamsOf('s1');
    group.cameras.unreachable.add(`s2>${stream}`).add(`s3>${stream}`);
    group.send('s1', { type: 'drain' });
    group.run(120_000);
    expect(said(group, 'drained')).toEqual([expect.stringContaining('"left":1')]);
  });

  test('that leaves, with what it abandons, before its goodbye', () => {
    const group = TestGroup.started();
    const [stream = ''] = group.streamsOf('s1');
    group.cameras.unreachable.add(`s2>${stream}`).add(`s3>${stream}`);
    group.send('s1', { type: 'leave' });
    group.until(() => group.server('s1').left, 120_000, 100);
    expect(said(group, 'drain')[0]).toContain('"leave"');
    expect(said(group, 'drained')).toEqual([expect.stringContaining('"cause":"leave","left":1')]);
    const order = group.story.map((line) => line.split(' ')[2]);
    expect(order.indexOf('drained')).toBeLessThan(order.indexOf('server-down'));
  });

  test('that its configuration no longer names', () => {
    const group = TestGroup.started();
    const servers = group.config.servers.filter((server) => server.name !== 's1');
    group.send('s1', { type: 'config', config: { ...group.config, servers, digest: 'two' } });
    group.run(1_000);
    expect(said(group, 'drain')[0]).toContain('"cause":"config"');
  });

  test('of a whole group that is stopped at once: every stream is accounted for, and no handover failed', () => {
    const group = TestGroup.started();
    for (const { name } of group.config.servers) {
      group.send(name, { type: 'leave' });
      // The first ones to hear it are offered to those that hear it next.
      group.run(30);
    }
    group.until(() => [...group.servers.values()].every(({ left }) => left), 60_000);
    expect(group.told('handover-failed')).toEqual([]);
    for (const { name } of group.config.servers) {
      const count = (kind: 'drain' | 'drained', field: string): number => {
        const line = group.told(kind).find((one) => one.split(' ')[1] === name) ?? '';
        return Number(new RegExp(`"${field}":(\\d+)`).exec(line)?.[1]);
      };
      const given = group.told('given').filter((line) => line.split(' ')[1] === name).length;
      expect(count('drained', 'left') + given).toBe(count('drain', 'streams'));
    }
  });
});
