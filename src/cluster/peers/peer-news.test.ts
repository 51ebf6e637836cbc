import { describe, expect, test } from 'vitest';
import { TestGroup } from '../testing/test-group.ts';

const about = (group: TestGroup, ...kinds: ('server-up' | 'server-down' | 'server-suspect')[]): string[] =>
  kinds.flatMap((kind) => group.told(kind)).map((line) => line.slice(line.indexOf(' ') + 1));

describe('of its peers', () => {
  test('a server that boots tells only whom it misses, and only when nobody told it before', () => {
    const group = TestGroup.started();
    expect(about(group, 'server-up', 'server-down')).toEqual([]);
    group.kill('s3');
    group.run(3_000);
    group.story.length = 0;
    group.kill('s2');
    group.start('s2');
    group.run(3_000);
    expect(about(group, 'server-down').filter((line) => line.startsWith('s2'))).toEqual([]);
    expect(group.told('settled')[0]).toContain('"missing":["s3"]');

    const alone = new TestGroup({ servers: 2 });
    alone.start('s1');
    alone.run(11_000);
    expect(about(alone, 'server-down')).toHaveLength(1);
    expect(about(alone, 'server-down')[0]).toContain('"server":"s2","cause":"silent"');
    alone.start('s2');
    alone.run(5_000);
    expect(about(alone, 'server-up')).toEqual([expect.stringContaining('s1 server-up {"server":"s2"')]);
    expect(about(alone, 'server-up')[0]).toContain('"started"');
  });

  test('the end and the new life of a process are told once by each, with the time in between', () => {
    const group = TestGroup.started();
    group.kill('s3');
    group.run(20_000);
    group.start('s3');
    group.run(20_000);
    expect(about(group, 'server-down')).toHaveLength(2);
    const up = about(group, 'server-up');
    expect(up).toHaveLength(2);
    for (const line of up) {
      expect(line).toContain('"restarted"');
      expect(Number(/"downMs":(\d+)/.exec(line)?.[1])).toBeGreaterThan(18_000);
    }
  });

  test('one that is silent to all is down, and was never heard by others only', () => {
    for (const head of [0, 700, 1_400, 2_100, 2_800]) {
      const group = TestGroup.started({ servers: 4 });
      group.run(head);
      group.freeze('s4');
      group.run(30_000);
      expect(about(group, 'server-suspect')).toEqual([]);
      expect(about(group, 'server-down')).toHaveLength(3);
    }
  });

  test('one that others do hear is told as such, and as back when it is heard', () => {
    const group = TestGroup.started();
    group.cut('s1', 's3');
    group.run(30_000);
    expect(about(group, 'server-suspect').sort()).toEqual([
      expect.stringContaining('s1 server-suspect {"server":"s3"'),
      expect.stringContaining('s3 server-suspect {"server":"s1"'),
    ]);
    expect(about(group, 'server-suspect')[0]).toContain('"silent"');
    group.heal();
    group.run(10_000);
    expect(about(group, 'server-up')).toHaveLength(2);
    expect(about(group, 'server-up')[0]).toContain('"returned"');
    expect(about(group, 'server-down')).toEqual([]);
  });
});

describe('of the configuration', () => {
  test('a rollout is told when it begins and when it ends, the same by all', () => {
    const group = TestGroup.started({ servers: 4 });
    const next = { ...group.config, digest: 'two' };
    for (const name of ['s1', 's2', 's3', 's4']) {
      group.send(name, { type: 'config', config: next });
      group.run(5_000);
    }
    const told = (kind: 'config-drift' | 'config-agreed') =>
      group.told(kind).map((line) => line.replace(/^\d+ s\d /, '').replace(/"afterMs":\d+/, ''));
    expect(told('config-drift')).toHaveLength(4);
    expect(new Set(told('config-drift')).size).toBe(1);
    expect(told('config-drift')[0]).toContain(
      '"cause":"reload","followers":[{"digest":"two","servers":["s1"]},{"digest":"one","servers":["s2","s3","s4"]}]',
    );
    expect(told('config-agreed')).toHaveLength(4);
    expect(new Set(told('config-agreed')).size).toBe(1);
    expect(told('config-agreed')[0]).toContain('"reload","digest":"two"');
  });

  test('a server that comes with another file is told as started, and its leaving ends the difference', () => {
    const group = TestGroup.started();
    group.kill('s3');
    group.run(3_000);
    group.start('s3', { ...group.config, digest: 'two' });
    group.run(5_000);
    expect(group.told('config-drift')).toHaveLength(3);
    expect(group.told('config-drift').filter((line) => line.includes('"restarted"'))).toHaveLength(2);
    group.send('s3', { type: 'leave' });
    group.until(() => group.server('s3').left, 60_000);
    group.run(2_000);
    expect(group.told('config-agreed')).toHaveLength(2);
    expect(group.told('config-agreed')[0]).toContain('"leave"');
  });
});
