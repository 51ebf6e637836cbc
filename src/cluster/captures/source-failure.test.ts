import { describe, expect, test } from 'vitest';
import { streamName } from '../../units/ids.ts';
import { bounds } from '../step/bounds.ts';
import { TestGroup } from '../testing/test-group.ts';

function lost(servers = 3): { group: TestGroup; stream: string; home: string; others: string[] } {
  const group = TestGroup.started({ servers });
  const stream = 'cam1';
  const home = group.home(stream);
  const others = group.config.servers.map((server) => server.name as string).filter((name) => name !== home);
  return { group, stream, home, others };
}

describe('a server that loses the source', () => {
  test('gives the stream to one that can reach it', () => {
    const { group, stream, home } = lost();
    group.cameras.lose(group.server(home), stream);
    expect(group.until(() => group.holders(stream).length === 1, 30_000)).toBeLessThanOrEqual(10_300);
    expect(group.holders(stream)).not.toEqual([home]);
    expect(group.told('source-lost')).toHaveLength(1);
    expect(group.told('source-found')).toHaveLength(1);
  });

  test('is who can tell what it published, for as long as it lives', () => {
    const { group, stream, home } = lost();
    group.cameras.lose(group.server(home), stream);
    group.until(() => group.holders(stream).length === 1, 30_000);
    const [standIn = ''] = group.holders(stream);
    const starts = (): string[] => group.story.filter((line) => line.includes(` start ${stream} `));
    expect(starts().at(-1)).toContain(`${standIn} start ${stream} source-lost from=- behind=${home}`);
    group.kill(standIn);
    group.until(() => group.holders(stream).length === 1, 5_000);
    expect(starts().at(-1)).not.toContain('behind');
  });

  test('is named as who had it last, whoever tried in vain since', () => {
    const { group, stream, home, others } = lost();
    for (const other of others) group.cameras.unreachable.add(`${other}>${stream}`);
    group.cameras.lose(group.server(home), stream);
    group.run(40_000);
    expect(new Set(group.told('takeover').map((line) => line.split(' ')[1]))).toEqual(new Set(others));
    expect(group.told('takeover').every((line) => line.includes(`"from":"${home}"`))).toBe(true);
    expect(group.told('source-lost')[0]).toContain('"darkMs":10000');
    group.cameras.find(group.server(home), stream);
    group.until(() => group.holders(stream).join() === home, 30_000);
    expect(group.told('source-found')).toHaveLength(1);
    expect(group.told('takeover').some((line) => line.split(' ')[1] === home)).toBe(false);
  });

  test('takes it back some time after it can reach it again', () => {
    const { group, stream, home } = lost();
    group.cameras.lose(group.server(home), stream);
    group.run(30_000);
    group.cameras.find(group.server(home), stream);
    expect(group.until(() => group.allHome(), 120_000, 100)).toBeLessThan(bounds.failureMark);
  });

  test('is not the first choice for a while even if it is the home', () => {
    const { group, stream, home } = lost(4);
    group.cameras.lose(group.server(home), stream);
    group.run(12_000);
    const [standIn = ''] = group.holders(stream);
    group.kill(standIn);
    expect(group.until(() => group.holders(stream).length === 1, 5_000)).toBeLessThan(600);
    expect(group.holders(stream)).not.toEqual([home]);
    expect(group.story.filter((line) => line.includes(` ${home} start ${stream} returned`))).toEqual([]);
  });

  test('starts it at once when it is the only one left and the outage is long over', () => {
    const { group, stream, home } = lost(2);
    group.cameras.lose(group.server(home), stream);
    group.run(12_000);
    const [standIn = ''] = group.holders(stream);
    group.cameras.find(group.server(home), stream);
    group.kill(standIn);
    expect(group.until(() => group.holders(stream).join() === home, 5_000)).toBeLessThan(500);
  });

  test('alone goes on trying with the same input', () => {
    const { group, stream } = lost(1);
    const attempt = group.server('s1').running.get(streamName(stream))?.attempt;
    group.cameras.lose(group.server('s1'), stream);
    group.run(60_000);
    expect(group.streamView('s1', stream)?.state).toBe('error');
    group.cameras.find(group.server('s1'), stream);
    expect(group.holders(stream)).toEqual(['s1']);
    expect(group.server('s1').running.get(streamName(stream))?.attempt).toBe(attempt);
    expect(group.streamView('s1', stream)?.state).toBe('running');
  });
});

describe('a dead camera', () => {
  test('is probed by one server at a time, in rotation, home first', () => {
    const { group, stream, home, others } = lost();
    group.peak.clear();
    for (const name of [home, ...others]) group.cameras.lose(group.server(name), stream);
    group.run(180_000);
    expect(group.peak.get(streamName(stream))).toBe(1);
    const probers = group.story.filter((line) => line.includes(` start ${stream} source-lost`)).map(probing);
    const round = probers.slice(2, 5);
    expect(round[0]).toBe(home);
    expect(new Set(round).size).toBe(3);
    expect(probers.slice(5, 8)).toEqual(round);
    expect(group.streamView(home, stream)?.state).toBe('error');
  });

  test('that comes back is found within a pause and a turn', () => {
    const { group, stream, home, others } = lost();
    for (const name of [home, ...others]) group.cameras.lose(group.server(name), stream);
    group.run(300_000);
    group.cameras.unreachable.clear();
    expect(group.until(() => group.holders(stream).length === 1, 60_000)).toBeLessThanOrEqual(
      bounds.lastProbePause + 1_000,
    );
    expect(group.told('source-found')).toHaveLength(1);
    group.until(() => group.allHome(), 120_000, 100);
  });

  test('is taken by a server that joins and can reach it', () => {
    const { group, stream } = lost(2);
    const joiner = group.home(stream) === 's1' ? 's2' : 's1';
    group.kill(joiner);
    group.run(2_000);
    const [holder = ''] = group.holders(stream);
    group.cameras.lose(group.server(holder), stream);
    group.run(40_000);
    group.start(joiner);
    expect(group.until(() => group.holders(stream).join() === joiner, 10_000)).toBeLessThan(1_500);
  });
});

function probing(line: string): string {
  return line.split(' ')[1] ?? '';
}
