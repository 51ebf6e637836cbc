import { describe, expect, test } from 'vitest';
import { streamName } from '../../units/ids.ts';
import { millis } from '../../units/time.ts';
import { bounds } from '../step/bounds.ts';
import { TestGroup } from '../testing/test-group.ts';

/** A group whose `s1` was away: its streams are with stand-ins, and it is about to come back. */
function returning(options: ConstructorParameters<typeof TestGroup>[0] = {}): { group: TestGroup; mine: string[] } {
  const group = TestGroup.started(options);
  const mine = group.streamsOf('s1');
  group.kill('s1');
  group.run(3_000);
  group.dark.clear();
  return { group, mine };
}

const darkest = (group: TestGroup): number => Math.max(0, ...group.dark.values());

describe('a seamless failback', () => {
  test('begins when the home was stable for failback_delay, and never leaves a stream dark', () => {
    const { group } = returning();
    group.start('s1');
    const took = group.until(() => group.server('s1').running.size > 0, 20_000);
    expect(took).toBeGreaterThanOrEqual(5_000);
    expect(took).toBeLessThan(5_500);
    group.until(() => group.allHome(), 20_000);
    expect(darkest(group)).toBe(0);
  });

  test('takes at most `handovers` streams at once', () => {
    const { group, mine } = returning({ streams: 60, config: { handovers: 3 } });
    group.start('s1');
    let most = 0;
    group.until(
      () => {
        const both = mine.filter(
          (stream) => [...group.servers.values()].filter((s) => s.running.has(streamName(stream))).length > 1,
        );
        most = Math.max(most, both.length);
        return group.allHome();
      },
      60_000,
      5,
    );
    expect(most).toBe(3);
    expect(darkest(group)).toBe(0);
  });

  test('that gets no frames is given up, repeated ever more rarely, and the stand-in never notices', () => {
    const { group, mine } = returning();
    const [stream = ''] = mine;
    group.cameras.unreachable.add(`s1>${stream}`);
    group.start('s1');
    group.run(600_000);
    const tries = group.told('handover-failed').filter((line) => line.includes(`"${stream}"`));
    expect(tries.length).toBeGreaterThanOrEqual(3);
    expect(tries.length).toBeLessThanOrEqual(8);
    const pauses = tries.map((line) => Number(/"retryInMs":(\d+)/.exec(line)?.[1]));
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
    expect(darkest(group)).toBe(0);
    group.cameras.unreachable.clear();
    group.until(() => group.allHome(), 700_000, 1_000);
  });

  test('whose giver dies in the middle goes on alone', () => {
    const { group, mine } = returning();
    const [stream = ''] = mine;
    const [giver = ''] = group.holders(stream);
    group.start('s1');
    group.until(() => group.server('s1').running.has(streamName(stream)), 20_000);
    group.kill(giver);
    expect(group.until(() => group.holders(stream).join() === 's1', 2_000)).toBeLessThan(500);
    expect(group.server('s1').core.owner(streamName(stream))).toBe('s1');
    group.until(() => group.allOnce(), 5_000);
  });

  test('whose taker dies in the middle changes nothing', () => {
    const { group, mine } = returning();
    const [stream = ''] = mine;
    const [giver = ''] = group.holders(stream);
    group.start('s1');
    group.until(() => group.server('s1').running.has(streamName(stream)), 20_000);
    group.kill('s1');
    group.run(5_000);
    expect(group.holders(stream)).toEqual([giver]);
    expect(darkest(group)).toBe(0);
  });

  test('with frames but no common keyframe is not given up while nobody hears of the giver', () => {
    const { group, mine } = returning({ servers: 2 });
    const [stream = ''] = mine;
    group.start('s1');
    group.until(() => group.server('s1').running.get(streamName(stream))?.frames === true, 20_000);
    group.cameras.holdReady = true;
    group.run(12_000);
    group.freeze('s2');
    group.run(30_000);
    expect(group.server('s1').capturing()).toHaveLength(12);
    expect(group.told('handover-failed')).toEqual([]);
  });

  test('waits longer after each return', () => {
    const group = TestGroup.started();
    const delays: number[] = [];
    for (let i = 0; i < 3; i++) {
      group.kill('s1');
      group.run(1_000);
      group.start('s1');
      delays.push(group.until(() => group.server('s1').running.size > 0, 200_000));
      group.until(() => group.allHome(), 20_000);
    }
    expect(delays[1]).toBeGreaterThan((delays[0] ?? 0) * 1.8);
    expect(delays[2]).toBeGreaterThan((delays[1] ?? 0) * 1.8);
  });
});

describe('a source of which no two servers read the same frames', () => {
  test('is given back and drained with a break, at once', () => {
    const group = new TestGroup({ stream: { unmatched: [0] } });
    group.cameras.holdReady = true;
    for (const { name } of group.config.servers) group.start(name);
    group.until(() => group.allHome(), 5_000);
    group.kill('s1');
    group.run(10_000);
    group.start('s1');
    group.until(() => group.allHome(), 30_000, 100);
    expect(Math.max(...group.peak.values())).toBe(1);
    const drainedAt = group.now;
    group.send('s2', { type: 'drain' });
    group.until(() => group.server('s2').running.size === 0, 30_000, 10);
    expect(group.now - drainedAt).toBeLessThan(5_000);
    expect(group.told('handover-failed')).toEqual([]);
  });

  test('is taken with an overlap where another of its sources gives the frames', () => {
    const group = TestGroup.started({ stream: { unmatched: [1] } });
    group.send('s2', { type: 'drain' });
    group.until(() => group.server('s2').running.size === 0, 30_000, 10);
    expect(Math.max(...group.peak.values())).toBe(2);
  });
});

describe('a break failback', () => {
  const one = { stream: { handover: 'break' as const } };

  test('never has two connections, and is dark only while it switches', () => {
    const { group } = returning(one);
    group.peak.clear();
    group.start('s1');
    group.until(() => group.allHome(), 30_000);
    expect([...group.peak.values()]).toEqual(Array(12).fill(1));
    expect(darkest(group)).toBeLessThan(300);
  });

  test('of a home that gets no frames ends with the stand-in going on', () => {
    const { group, mine } = returning(one);
    const [stream = ''] = mine;
    const [giver = ''] = group.holders(stream);
    group.cameras.unreachable.add(`s1>${stream}`);
    group.start('s1');
    group.until(() => group.told('handover-failed').length > 0, 30_000);
    expect(group.until(() => group.holders(stream).join() === giver, 2_000)).toBeLessThan(500);
    expect(darkest(group)).toBeLessThan(8_000);
    group.peak.clear();
    group.run(40_000);
    // The home leaves the camera alone meanwhile.
    expect(group.peak.get(streamName(stream))).toBe(1);
    expect(group.holders(stream)).toEqual([giver]);
  });

  test('whose taker freezes in the middle ends with the stand-in going on after the deadline', () => {
    const { group, mine } = returning({ ...one, server: { staleTimeout: millis(60_000) } });
    const [stream = ''] = mine;
    const [giver = ''] = group.holders(stream);
    group.cameras.unreachable.add(`s1>${stream}`);
    group.start('s1');
    group.until(() => group.server('s1').running.has(streamName(stream)), 20_000);
    group.freeze('s1');
    const took = group.until(() => group.holders(stream).join() === giver, 20_000);
    expect(took).toBeGreaterThan(bounds.breakTry);
    expect(took).toBeLessThan(bounds.breakResume + 300);
  });

  test('whose taker dies in the middle ends with the stand-in going on at once', () => {
    const { group, mine } = returning(one);
    const [stream = ''] = mine;
    const [giver = ''] = group.holders(stream);
    group.cameras.unreachable.add(`s1>${stream}`);
    group.start('s1');
    group.until(() => group.server('s1').running.has(streamName(stream)), 20_000);
    group.kill('s1');
    expect(group.until(() => group.holders(stream).join() === giver, 2_000)).toBeLessThan(500);
  });

  test('whose giver dies in the middle is the taker’s alone', () => {
    const { group, mine } = returning(one);
    const [stream = ''] = mine;
    const [giver = ''] = group.holders(stream);
    group.start('s1');
    group.until(() => group.server('s1').running.has(streamName(stream)), 20_000);
    group.kill(giver);
    group.run(3_000);
    expect(group.holders(stream)).toEqual(['s1']);
    expect(group.allOnce()).toBe(true);
  });
});

describe('draining', () => {
  test('gives away at most `handovers` streams at once, seamlessly', () => {
    const group = TestGroup.started({ servers: 4, streams: 60, config: { handovers: 3 } });
    const mine = group.streamsOf('s1');
    group.send('s1', { type: 'drain' });
    let most = 0;
    group.until(
      () => {
        const servers = [...group.servers.values()];
        const both = mine.filter((name) => servers.filter((s) => s.running.has(streamName(name))).length > 1);
        most = Math.max(most, both.length);
        return group.server('s1').running.size === 0;
      },
      60_000,
      5,
    );
    expect(most).toBeLessThanOrEqual(3);
    expect(group.allOnce()).toBe(true);
    expect(darkest(group)).toBe(0);
  });

  test('stops one camera connection before the next starts when there can be only one', () => {
    const group = TestGroup.started({ stream: { handover: 'break' } });
    group.peak.clear();
    group.send('s1', { type: 'drain' });
    group.until(() => group.server('s1').running.size === 0, 20_000);
    group.until(() => group.allOnce(), 2_000);
    expect(Math.max(...group.peak.values())).toBe(1);
    expect(darkest(group)).toBeLessThan(300);
  });

  test('makes the taker the owner as soon as it is ready, even if the giver says nothing any more', () => {
    const group = TestGroup.started();
    group.cameras.holdReady = true;
    group.send('s1', { type: 'drain' });
    const taken = (): [string, string][] =>
      ['s2', 's3'].flatMap((name) =>
        [...group.server(name).running].flatMap(([stream, one]): [string, string][] =>
          one.frames && group.home(stream) === 's1' ? [[name, stream]] : [],
        ),
      );
    group.until(() => taken().length === 4, 2_000);
    group.freeze('s1');
    for (const [name, stream] of taken()) {
      group.fact(name, stream, { kind: 'ready' });
      expect(group.server(name).core.owner(streamName(stream))).toBe(name);
    }
  });

  test('withdrawn is given up by the taker at once', () => {
    const group = TestGroup.started();
    group.cameras.holdReady = true;
    group.send('s1', { type: 'drain' });
    group.until(() => group.server('s2').running.size + group.server('s3').running.size > 8, 2_000);
    group.send('s1', { type: 'undrain' });
    expect(group.until(() => group.allHome(), 5_000)).toBeLessThan(300);
    expect(group.told('handover-failed')).toEqual([]);
  });

  test('is not held up by a camera that nobody else can connect to', () => {
    const group = TestGroup.started({ streams: 12, config: { handovers: 1 } });
    const [stream = ''] = group.streamsOf('s1');
    group.cameras.unreachable.add(`s2>${stream}`).add(`s3>${stream}`);
    group.send('s1', { type: 'drain' });
    group.until(() => group.server('s1').running.size === 1, 20_000);
    expect(group.server('s1').capturing()).toEqual([stream]);
  });

  test('takes nothing, not even what its peers lose', () => {
    const group = TestGroup.started({ servers: 3 });
    group.send('s1', { type: 'drain' });
    group.until(() => group.server('s1').running.size === 0, 20_000);
    group.kill('s2');
    group.run(10_000);
    expect(group.server('s1').running.size).toBe(0);
    expect(group.server('s3').capturing()).toHaveLength(12);
  });

  test('keeps what nobody can take', () => {
    const group = TestGroup.started();
    const [stream = ''] = group.streamsOf('s1');
    group.cameras.unreachable.add(`s2>${stream}`).add(`s3>${stream}`);
    group.send('s1', { type: 'drain' });
    group.run(120_000);
    expect(group.server('s1').capturing()).toEqual([stream]);
    expect(darkest(group)).toBe(0);
  });

  test('passes over a server that does not take what it is offered', () => {
    const group = TestGroup.started({ servers: 3 });
    for (const stream of group.streamsOf('s1')) group.cameras.unreachable.add(`s2>${stream}`);
    group.send('s1', { type: 'drain' });
    group.until(() => group.server('s1').running.size === 0, 120_000, 100);
    expect(darkest(group)).toBe(0);
  });
});

describe('leaving', () => {
  test('is immediate when nobody else is there', () => {
    const group = TestGroup.started({ servers: 1 });
    group.send('s1', { type: 'leave' });
    expect(group.until(() => group.server('s1').left, 5_000)).toBeLessThan(200);
    expect(group.server('s1').running.size).toBe(0);
  });

  test('says goodbye: what is left is taken at once', () => {
    const group = TestGroup.started();
    const mine = group.streamsOf('s1');
    const [stream = ''] = mine;
    group.cameras.unreachable.add(`s2>${stream}`).add(`s3>${stream}`);
    group.send('s1', { type: 'leave' });
    group.until(() => group.server('s1').left, 120_000, 100);
    expect(group.told('server-down').every((line) => line.includes('"leave"'))).toBe(true);
    group.cameras.unreachable.clear();
    group.until(() => group.allOnce(), 20_000);
  });

  test('of a busy server goes on for as long as streams are taken, and loses none', () => {
    // Ten streams one after the other, each as slow as a camera with rare keyframes: longer than any wait outside the core.
    const group = TestGroup.started({ servers: 2, streams: 20, config: { handovers: 1 } });
    const mine = group.streamsOf('s1');
    expect(mine).toHaveLength(10);
    group.dark.clear();
    group.cameras.holdReady = true;
    group.send('s1', { type: 'leave' });
    const begin = group.now;
    for (let given = 1; given <= mine.length; given++) {
      const overlapping = (): string | undefined =>
        mine.find(
          (stream) =>
            group.server('s2').running.get(streamName(stream))?.frames &&
            group.server('s1').running.has(streamName(stream)),
        );
      group.until(() => overlapping() !== undefined, 20_000);
      group.run(6_000);
      group.fact('s2', overlapping() ?? '', { kind: 'ready' });
      group.until(() => group.server('s1').running.size === mine.length - given, 2_000);
    }
    expect(group.now - begin).toBeGreaterThan(60_000);
    group.until(() => group.server('s1').left, 5_000);
    expect(darkest(group)).toBe(0);
    expect(group.allOnce()).toBe(true);
  });

  test('lingers for its last viewers before the goodbye, but not alone', () => {
    const group = TestGroup.started();
    group.send('s1', { type: 'leave', linger: millis(18_000) });
    group.until(() => group.server('s1').running.size === 0, 20_000);
    const took = group.until(() => group.server('s1').left, 20_000);
    expect(took).toBeGreaterThan(17_500);
    expect(took).toBeLessThan(19_500);
    const alone = TestGroup.started({ servers: 1 });
    alone.send('s1', { type: 'leave', linger: millis(18_000) });
    expect(alone.until(() => alone.server('s1').left, 5_000)).toBeLessThan(200);
  });

  test('while booting is immediate', () => {
    const group = new TestGroup();
    group.start('s1');
    group.send('s1', { type: 'leave' });
    expect(group.until(() => group.server('s1').left, 5_000)).toBeLessThan(1_500);
  });

  test('is heard by all before the process ends', () => {
    const group = TestGroup.started({ servers: 5 });
    group.send('s1', { type: 'leave' });
    group.until(() => group.server('s1').left, 30_000);
    group.run(10);
    for (const name of ['s2', 's3', 's4', 's5']) expect(group.view(name, 's1')?.state).toBe('dead');
  });

  test.each([['all hear'], ['one cannot hear']])(
    'is told once by each peer, as what it is: a goodbye that %s',
    (who) => {
      const group = TestGroup.started({ servers: 5 });
      group.story.length = 0;
      if (who === 'one cannot hear') group.cut('s1', 's5');
      group.send('s1', { type: 'leave' });
      group.until(() => group.server('s1').left, 30_000);
      group.heal();
      group.run(30_000);
      const about = (kind: 'server-down' | 'server-up'): string[] =>
        group.told(kind).filter((line) => line.includes('"server":"s1"'));
      expect(about('server-down').map((line) => line.split(' ')[1])).toEqual(
        expect.arrayContaining(['s2', 's3', 's4', 's5']),
      );
      expect(about('server-down')).toHaveLength(4);
      expect(about('server-down').every((line) => line.includes('"leave"'))).toBe(true);
      expect(about('server-up')).toEqual([]);
      group.start('s1');
      group.run(30_000);
      expect(about('server-up')).toHaveLength(4);
      expect(about('server-up').every((line) => line.includes('"restarted"'))).toBe(true);
    },
  );
});

describe('the source that gives its owner frames', () => {
  const starts = (group: TestGroup, stream: string): string[] =>
    group.story.filter((line) => line.includes(` start ${stream} `)).map((line) => line.replace(/^\d+ /, ''));

  function onSecond(): { group: TestGroup; stream: string } {
    const group = TestGroup.started();
    const [stream = ''] = group.streamsOf('s1');
    group.fact('s1', stream, { kind: 'source', source: 1 });
    group.run(1_000);
    group.story.length = 0;
    return { group, stream };
  }

  test('is where its successor in a drain begins, and the home when it takes the stream back', () => {
    const { group, stream } = onSecond();
    group.send('s1', { type: 'drain' });
    group.run(10_000);
    group.send('s1', { type: 'undrain' });
    group.run(30_000);
    expect(group.holders(stream)).toEqual(['s1']);
    expect(starts(group, stream)).toEqual([
      expect.stringMatching(/^s[23] start cam\d+ drain from=s1 source=1$/),
      expect.stringMatching(/^s1 start cam\d+ returned from=s[23] source=1$/),
    ]);
  });

  test('is where a stand-in begins when its owner dies, not when the source is lost', () => {
    const { group, stream } = onSecond();
    group.kill('s1');
    group.run(3_000);
    expect(starts(group, stream)).toEqual([expect.stringMatching(/process-dead from=- source=1$/)]);
    const [standIn = ''] = group.holders(stream);
    group.cameras.lose(group.server(standIn), stream);
    group.run(15_000);
    expect(starts(group, stream).at(-1)).toMatch(/source-lost from=- behind=s\d$/);
  });

  test('is the first again when the owner went back to it', () => {
    const { group, stream } = onSecond();
    group.fact('s1', stream, { kind: 'source', source: 0 });
    group.run(1_000);
    group.send('s1', { type: 'drain' });
    group.run(10_000);
    expect(starts(group, stream)).toEqual([expect.stringMatching(/drain from=s1$/)]);
  });
});
