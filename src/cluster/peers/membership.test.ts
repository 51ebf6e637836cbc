import { describe, expect, test } from 'vitest';
import { serverName } from '../../units/ids.ts';
import { millis } from '../../units/time.ts';
import { bounds } from '../step/bounds.ts';
import { at } from '../testing/test-config.ts';
import { TestGroup } from '../testing/test-group.ts';

describe('a boot', () => {
  test('waits stale_timeout for a peer that does not answer, then does without it', () => {
    const group = new TestGroup();
    group.start('s1');
    group.start('s2');
    group.run(9_900);
    expect(group.view('s1', 's1')?.state).toBe('booting');
    expect(group.until(() => group.allOnce(), 2_000)).toBeLessThan(1_000);
    expect(group.view('s1', 's3')?.state).toBe('dead');
  });

  test('does not wait for a peer that a settled one knows to be dead', () => {
    const group = TestGroup.started();
    group.kill('s3');
    group.kill('s2');
    group.run(3_000);
    group.start('s2');
    expect(group.until(() => group.view('s2', 's2')?.state === 'alive', 2_000)).toBeLessThan(500);
    expect(group.view('s2', 's3')?.state).toBe('dead');
  });

  test('hears a server that comes back beside it, though the others know only of its goodbye', () => {
    const group = TestGroup.started();
    group.send('s3', { type: 'leave' });
    group.until(() => group.server('s3').left, 30_000);
    group.kill('s1');
    group.run(3_000);
    group.start('s1');
    group.run(5);
    expect(group.view('s1', 's3')?.state).toBe('dead');
    group.start('s3');
    group.run(500);
    expect(group.view('s1', 's3')?.state).toBe('alive');
    group.until(() => group.allHome(), 20_000);
  });

  test('takes the word of a peer that cannot reach it from those who hear it', () => {
    const group = TestGroup.started();
    group.kill('s1');
    group.run(1_000);
    group.cut('s1', 's2');
    group.start('s1');
    expect(group.until(() => group.view('s1', 's1')?.state === 'alive', 11_000)).toBeLessThan(1_000);
    group.run(11_000);
    expect(group.view('s1', 's2')?.state).toBe('suspect');
    expect(group.told('takeover').filter((line) => line.includes(' s1 takeover'))).toEqual([]);
  });
});

describe('a restarted server', () => {
  test('within the blink of an eye has its streams back without another starting them', () => {
    const group = TestGroup.started({ servers: 4, streams: 40 });
    const mine = group.streamsOf('s1');
    group.kill('s1');
    group.start('s1');
    group.until(() => group.allHome(), 3_000);
    const starts = group.story.filter((line) => line.includes(' start ') && !line.includes(' s1 '));
    expect(starts.filter((line) => mine.some((stream) => line.includes(` ${stream} restarted`)))).toEqual([]);
    expect(Math.max(...group.dark.values())).toBeLessThan(500);
  });

  test('is remembered with when its life before was last heard', () => {
    const group = TestGroup.started();
    group.kill('s1');
    const killedAt = group.now;
    group.start('s1');
    group.run(5_000);
    const heard = group.view('s2', 's1')?.earlierHeard ?? 0;
    expect(heard).toBeLessThanOrEqual(killedAt);
    expect(heard).toBeGreaterThan(killedAt - 4_000);
    expect(group.view('s2', 's3')?.earlierHeard).toBeUndefined();
  });

  test('gets back what it had as a stand-in, too', () => {
    const group = TestGroup.started({ servers: 3, streams: 30, config: { failbackDelay: millis(60_000) } });
    group.kill('s1');
    group.run(2_000);
    const held = group.server('s2').capturing();
    group.start('s1');
    group.run(2_000);
    group.kill('s2');
    group.start('s2');
    group.until(() => group.allOnce(), 3_000);
    expect(group.server('s2').capturing().sort()).toEqual(held.sort());
  });

  test('that dies again and again is unwilling for longer each time', () => {
    const group = TestGroup.started();
    for (let i = 0; i < 5; i++) {
      group.kill('s1');
      group.run(300);
      group.start('s1');
      group.run(200);
    }
    const begun = group.now;
    expect(group.until(() => group.allOnce(), 5_000)).toBeLessThan(3_000);
    expect(group.server('s1').running.size).toBe(0);
    group.until(() => group.allHome(), 400_000, 100);
    expect(group.now - begun).toBeGreaterThan(bounds.firstPenalty * 4);
  });

  test('is given nothing that another can have meanwhile', () => {
    const group = TestGroup.started({ servers: 3 });
    for (let i = 0; i < 5; i++) {
      group.kill('s1');
      group.run(300);
      group.start('s1');
      group.run(300);
    }
    group.kill('s2');
    group.run(3_000);
    expect(group.server('s3').capturing()).toHaveLength(12);
  });

  test('alone captures even so: no stream is left to nobody', () => {
    const group = TestGroup.started({ servers: 2 });
    for (let i = 0; i < 5; i++) {
      group.kill('s1');
      group.run(300);
      group.start('s1');
      group.run(300);
    }
    group.kill('s2');
    expect(group.until(() => group.allOnce(), 10_000)).toBeLessThan(4_000);
  });
});

describe('a partition', () => {
  test('has both sides capture what they cannot see, and heals within a fetch', () => {
    const group = TestGroup.started();
    group.cut('s1', 's2');
    group.cut('s1', 's3');
    group.run(15_000);
    expect(group.server('s1').capturing()).toHaveLength(12);
    expect(new Set([...group.server('s2').capturing(), ...group.server('s3').capturing()]).size).toBe(12);
    group.heal();
    expect(group.until(() => group.allOnce(), 10_000)).toBeLessThan(4_100);
    expect(Math.max(...group.dark.values())).toBe(0);
    group.until(() => group.allHome(), 60_000, 100);
  });

  test('under the majority rule silences the smaller side', () => {
    const group = TestGroup.started({ config: { partition: 'majority' } });
    group.cut('s1', 's2');
    group.cut('s1', 's3');
    group.until(() => group.server('s1').running.size === 0, 12_000);
    group.until(() => group.allOnce(), 2_000);
    group.heal();
    group.until(() => group.allHome(), 60_000, 100);
  });

  test('under the majority rule is told by the smaller side, and its end', () => {
    const group = TestGroup.started({ config: { partition: 'majority' } });
    group.cut('s1', 's2');
    group.cut('s1', 's3');
    group.run(20_000);
    expect(group.told('minority')).toEqual([expect.stringContaining('s1 minority {"begins":true,"away":["s2","s3"]}')]);
    group.heal();
    group.run(20_000);
    expect(group.told('minority')[1]).toContain('s1 minority {"begins":false,"away":[]}');
    expect(group.told('minority')).toHaveLength(2);
  });

  test('in halves under the majority rule leaves it to the side with the first name', () => {
    const group = TestGroup.started({ servers: 4, config: { partition: 'majority' } });
    for (const a of ['s1', 's2']) for (const b of ['s3', 's4']) group.cut(a, b);
    group.run(13_000);
    expect(group.server('s3').running.size + group.server('s4').running.size).toBe(0);
    expect(group.allOnce()).toBe(true);
  });

  test('of one link causes no second capture', () => {
    const group = TestGroup.started();
    group.cut('s1', 's2');
    group.run(60_000);
    expect(group.allHome()).toBe(true);
    expect([...group.peak.values()]).toEqual(Array(12).fill(1));
    expect(group.view('s1', 's2')?.state).toBe('suspect');
  });

  test('that half heals ends no capture for a claim from before it', () => {
    const group = TestGroup.started({ streams: 30, server: { staleTimeout: millis(10_000) } });
    const mine = group.streamsOf('s3');
    group.cut('s1', 's3');
    group.cut('s2', 's3');
    group.run(15_000);
    // Beyond the cut the cameras are lost; what s1 last heard is that s3 captures them.
    for (const stream of mine) group.cameras.lose(group.server('s3'), stream);
    group.run(15_000);
    const held = mine.filter((stream) => group.holders(stream).join() === 's1');
    expect(held.length).toBeGreaterThan(2);
    group.cut('s2', 's3', 'up');
    group.run(10_000);
    for (const stream of held) expect(group.holders(stream)).toEqual(['s1']);
    expect(group.told('duplicate-stopped').filter((line) => line.includes(' s1 '))).toEqual([]);
  });

  test('of one link does not hide what the far server gets', () => {
    const group = TestGroup.started();
    group.cut('s1', 's2');
    group.run(15_000);
    group.kill('s3');
    // The two that are left can't see each other: each must capture all.
    group.run(15_000);
    expect(group.server('s1').capturing()).toHaveLength(12);
    expect(group.server('s2').capturing()).toHaveLength(12);
  });
});

describe('a firewall that lets only one side connect', () => {
  test('hides no news: who is not asked tells by itself', () => {
    const group = TestGroup.started({ servers: 2 });
    group.links.set('s2>s1', 'refuse');
    group.run(20_000);
    group.send('s1', { type: 'drain' });
    expect(group.until(() => group.view('s2', 's1')?.state === 'draining', 5_000)).toBeLessThan(500);
  });
});

describe('a word of an earlier life', () => {
  test('that arrives late is answered and otherwise ignored', () => {
    const group = TestGroup.started({ servers: 2 });
    const core = group.server('s2').core;
    const old = group.server('s1').core.step({ type: 'leave' }, at(group.now));
    const word = old.find((effect) => effect.type === 'reply') ?? old.find((effect) => effect.type === 'poll');
    group.kill('s1');
    group.start('s1');
    group.run(3_000);
    if (word === undefined || !('message' in word)) throw new Error('said nothing');
    const told = core.step(
      { type: 'request', from: serverName('s1'), message: word.message, reply: 99_999 },
      at(group.now),
    );
    expect(told.filter((effect) => effect.type === 'reply' && effect.reply === 99_999)).toHaveLength(1);
    expect(group.view('s2', 's1')?.state).toBe('alive');
  });
});

describe('a server that returns with an earlier life than its last', () => {
  /** Its file of lives is lost and its clock went back. */
  const setBack = (group: TestGroup, downFor: number): void => {
    const early = group.server('s1').incarnation - 1;
    group.kill('s1');
    group.run(downFor);
    group.start('s1', group.config, early);
  };

  test.each([0, 3_000, 30_000])('is told, and lives anew above it; down for %i ms', (downFor) => {
    const group = TestGroup.started({ streams: 12 });
    group.kill('s1');
    group.start('s1');
    group.run(30_000);
    const last = group.server('s1').incarnation;
    group.peak.clear();
    setBack(group, downFor);
    expect(group.until(() => group.server('s1').incarnation > last, 5_000)).toBeLessThan(1_100);
    group.run(60_000);
    expect(group.allHome()).toBe(true);
    for (const name of ['s2', 's3']) expect(group.view(name, 's1')?.incarnation).toBe(group.server('s1').incarnation);
  });

  test('does not settle before, so that nothing is captured twice', () => {
    const group = TestGroup.started();
    group.kill('s1');
    group.start('s1');
    group.run(10_000);
    const last = group.server('s1').incarnation;
    setBack(group, 5_000);
    const early = group.server('s1');
    group.until(() => group.server('s1').incarnation > last, 5_000);
    expect(early.notices.filter(({ kind }) => kind === 'settled')).toEqual([]);
    expect(early.running.size).toBe(0);
  });

  test('ends no life before a second: two processes by one name must not void each other faster', () => {
    const group = TestGroup.started();
    group.kill('s1');
    group.start('s1');
    group.run(10_000);
    const last = group.server('s1').incarnation;
    setBack(group, 1_000);
    expect(group.until(() => group.server('s1').incarnation > last, 5_000)).toBeGreaterThanOrEqual(bounds.shortestLife);
  });
});

describe('a server that its configuration no longer has', () => {
  const without = (group: TestGroup) => ({
    ...group.config,
    servers: group.config.servers.filter(({ name }) => name !== serverName('s1')),
    digest: 'two',
  });

  test('gives its streams away and leaves, seen or cut off', () => {
    for (const cutOff of [false, true]) {
      const group = TestGroup.started();
      const config = without(group);
      if (cutOff) for (const other of ['s2', 's3']) group.cut('s1', other, 'refuse');
      group.send('s1', { type: 'config', config });
      group.config = config;
      for (const other of ['s2', 's3']) group.send(other, { type: 'config', config });
      group.until(() => group.server('s1').left, 30_000);
      expect(group.server('s1').running.size).toBe(0);
      expect(
        group
          .server('s1')
          .core.servers(at(group.now))
          .some(({ self }) => self),
      ).toBe(false);
      group.run(10_000);
      expect(group.server('s2').running.size + group.server('s3').running.size).toBe(12);
      expect(group.allOnce()).toBe(true);
    }
  });

  test('takes nothing of peers that look dead to it', () => {
    const group = TestGroup.started();
    const had = group.server('s1').running.size;
    group.send('s1', { type: 'config', config: without(group) });
    for (const other of ['s2', 's3']) group.cut('s1', other);
    let most = 0;
    group.until(() => {
      most = Math.max(most, group.server('s1').running.size);
      return group.server('s1').left;
    }, 60_000);
    expect(most).toBeLessThanOrEqual(had);
  });
});

describe('a server that stood still', () => {
  test('for longer than stale_timeout begins a new life', () => {
    const group = TestGroup.started();
    const { incarnation } = group.server('s1');
    group.freeze('s1');
    group.run(12_500);
    group.thaw('s1');
    expect(group.server('s1').incarnation).toBeGreaterThan(incarnation);
    group.until(() => group.allHome(), 60_000, 100);
  });

  test('for less goes on', () => {
    const group = TestGroup.started();
    const { incarnation } = group.server('s1');
    group.freeze('s1');
    group.run(8_000);
    group.thaw('s1');
    group.run(1_000);
    expect(group.server('s1').incarnation).toBe(incarnation);
    expect(group.allHome()).toBe(true);
    expect(group.told('takeover')).toEqual([]);
  });

  test('alone goes on: nobody took its streams', () => {
    const group = TestGroup.started({ servers: 1 });
    const { incarnation } = group.server('s1');
    group.freeze('s1');
    group.run(60_000);
    group.thaw('s1');
    expect(group.server('s1').incarnation).toBe(incarnation);
  });
});

test('a life of which a server first hears through another is as old as that one heard it', () => {
  const group = TestGroup.started({ servers: 3 });
  group.cut('s3', 's2');
  group.cut('s3', 's1');
  group.kill('s2');
  group.run(1_000);
  group.start('s2');
  group.run(2_000);
  group.cut('s1', 's2');
  group.run(6_000);
  group.links.clear();
  group.cut('s1', 's2');
  group.cut('s3', 's2');
  // s1 heard the second life for the last time six seconds ago at least, and says so.
  group.run(5_000);
  expect(group.view('s1', 's2')?.state).toBe('dead');
  expect(group.view('s3', 's2')?.state).toBe('dead');
});
