import { describe, expect, test } from 'vitest';
import { serverName, streamName } from '../../units/ids.ts';
import { standsBefore } from '../message/claim.ts';
import { bounds } from '../step/bounds.ts';
import { testConfig } from '../testing/test-config.ts';
import { TestGroup } from '../testing/test-group.ts';

describe('the order of names', () => {
  test('is total and the same from both sides', () => {
    const servers = ['s1', 's2', 's3', 's4'].map(serverName);
    for (const stream of ['a', 'b', 'c', 'd', 'e', 'f'].map(streamName)) {
      const sorted = [...servers].sort((a, b) => (standsBefore(stream, a, b) ? -1 : 1));
      const again = [...servers].reverse().sort((a, b) => (standsBefore(stream, a, b) ? -1 : 1));
      expect(again).toEqual(sorted);
    }
  });

  test('does not favour a server', () => {
    const first = Array.from({ length: 1_000 }, (_, i) =>
      standsBefore(streamName(`cam${i}`), serverName('s1'), serverName('s2')),
    ).filter(Boolean).length;
    expect(Math.abs(first - 500)).toBeLessThan(100);
  });
});

describe('two captures with frames', () => {
  test('end with the first by name, and never with none', () => {
    const group = TestGroup.started({ servers: 2, streams: 10 });
    group.cut('s1', 's2');
    group.run(15_000);
    group.heal();
    group.until(() => group.allOnce(), 5_000);
    for (const { name } of group.config.streams) {
      const first = standsBefore(name, serverName('s1'), serverName('s2')) ? 's1' : 's2';
      expect(group.holders(name)).toEqual([first]);
    }
    expect(Math.max(...group.dark.values())).toBe(0);
    expect(group.told('duplicate-stopped')).toHaveLength(10);
  });
});

describe('a stream that its best server does not start', () => {
  test('is started by the next in rank after a while, once', () => {
    const group = new TestGroup({ servers: 3 });
    // Its core decides as if it did: the shell drops the order.
    group.cameras.deaf.add('s1');
    for (const { name } of group.config.servers) group.start(name);
    group.run(1_000);
    const left = group.streamsOf('s1');
    expect(left.every((stream) => group.holders(stream).length === 0)).toBe(true);
    group.run(bounds.staggerFirst + 15_000);
    expect(left.every((stream) => group.holders(stream).length === 1)).toBe(true);
  });
});

describe('configurations that differ', () => {
  const moved = (digest: string, captureAt: string) => {
    const config = testConfig();
    const streams = config.streams.map((stream) => ({ ...stream, captureAt: serverName(captureAt) }));
    return { ...config, digest, streams };
  };

  test('leave captures with frames where they are until all agree', () => {
    const group = TestGroup.started();
    const before = group.config.streams.map((stream) => group.holders(stream.name));
    const config = moved('two', 's1');
    group.send('s1', { type: 'config', config });
    group.send('s2', { type: 'config', config });
    group.run(60_000);
    expect(group.config.streams.map((stream) => group.holders(stream.name))).toEqual(before);
    expect(group.told('config-drift').length).toBeGreaterThan(0);
    group.config = config;
    group.send('s3', { type: 'config', config });
    group.until(() => group.allHome(), 60_000, 100);
    expect(group.server('s1').capturing()).toHaveLength(12);
    expect(Math.max(...group.dark.values())).toBe(0);
  });

  test('do not keep an orphan from being captured', () => {
    const group = TestGroup.started();
    group.send('s1', { type: 'config', config: moved('two', 's2') });
    group.kill('s3');
    expect(group.until(() => group.allOnce(), 10_000)).toBeLessThan(500);
    expect(Math.max(...group.peak.values())).toBe(1);
  });

  test('do not keep a new stream from being captured by who knows it', () => {
    const group = TestGroup.started({ streams: 3 });
    const config = { ...testConfig({ streams: 5 }), digest: 'two' };
    group.config = config;
    group.send('s1', { type: 'config', config });
    group.until(() => group.allOnce(), 10_000);
    group.send('s2', { type: 'config', config });
    group.send('s3', { type: 'config', config });
    group.until(() => group.allHome(), 60_000, 100);
  });
});

describe('a new configuration', () => {
  test('without a stream ends its capture', () => {
    const group = TestGroup.started({ streams: 3 });
    const config = { ...testConfig({ streams: 2 }), digest: 'two' };
    group.config = config;
    for (const name of ['s1', 's2', 's3']) group.send(name, { type: 'config', config });
    group.run(5_000);
    expect([...group.servers.values()].flatMap((server) => [...server.running.keys()]).sort()).toEqual([
      'cam1',
      'cam2',
    ]);
  });

  test('with another server gives it its share', () => {
    const group = TestGroup.started({ servers: 2 });
    const config = { ...testConfig({ servers: 3 }), digest: 'two' };
    group.config = config;
    for (const name of ['s1', 's2']) group.send(name, { type: 'config', config });
    group.start('s3');
    group.until(() => group.allHome(), 60_000, 100);
    expect(group.server('s3').capturing()).toHaveLength(4);
    expect(Math.max(...group.dark.values())).toBe(0);
  });

  test('without a server moves its streams', () => {
    const group = TestGroup.started({ servers: 3 });
    const config = { ...testConfig({ servers: 2 }), digest: 'two' };
    group.send('s3', { type: 'leave' });
    group.until(() => group.server('s3').left, 30_000);
    group.config = config;
    for (const name of ['s1', 's2']) group.send(name, { type: 'config', config });
    group.until(() => group.allHome(), 60_000, 100);
  });

  test('that changes nothing for the streams disturbs none', () => {
    const group = TestGroup.started();
    const config = { ...testConfig(), digest: 'two', handovers: 9 };
    group.config = config;
    group.story.length = 0;
    for (const name of ['s1', 's2', 's3']) group.send(name, { type: 'config', config });
    group.run(30_000);
    expect(group.story.filter((line) => / (start|stop) /.test(line))).toEqual([]);
    expect(group.allHome()).toBe(true);
  });
});

describe('views', () => {
  test('agree on all servers, and add up', () => {
    const group = TestGroup.started({ servers: 4, streams: 30 });
    for (const { name } of group.config.servers) {
      const views = group.config.servers.map((server) => group.view(name, server.name));
      expect(views.map((view) => view?.state)).toEqual(Array(4).fill('alive'));
      expect(views.reduce((sum, view) => sum + (view?.captured ?? 0), 0)).toBe(30);
      for (const stream of group.config.streams) {
        const view = group.streamView(name, stream.name);
        expect(view).toMatchObject({ state: 'running', owner: group.holders(stream.name)[0], home: view?.home });
      }
    }
  });

  test('tell what cannot be captured yet', () => {
    const group = new TestGroup({ servers: 2, streams: 1 });
    group.start('s1');
    group.run(1_000);
    expect(group.streamView('s1', 'cam1')).toMatchObject({ state: 'waiting', owner: undefined });
    expect(group.view('s1', 's1')?.state).toBe('booting');
  });
});
