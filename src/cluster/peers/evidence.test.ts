import { describe, expect, test } from 'vitest';
import { serverName } from '../../units/ids.ts';
import { millis } from '../../units/time.ts';
import { TestGroup } from '../testing/test-group.ts';

/** Long enough that no test waits for it: what happens is due to evidence. */
const patient = { server: { staleTimeout: millis(60_000) } };

function takenOver(group: TestGroup, from: string): () => boolean {
  const orphans = group.streamsOf(from);
  return () => orphans.every((stream) => group.holders(stream).some((name) => name !== from));
}

describe('a killed process', () => {
  test.each([2, 3, 5, 8])('of %i servers is found dead at once, whatever stale_timeout says', (servers) => {
    const group = TestGroup.started({ ...patient, servers, streams: 20 });
    const done = takenOver(group, 's2');
    group.kill('s2');
    expect(group.until(done, 2_000)).toBeLessThanOrEqual(300);
    expect(group.told('server-down').every((line) => line.includes('process-dead'))).toBe(true);
  });

  test('is found dead although the first witness died with it', () => {
    const group = TestGroup.started({ ...patient, servers: 4, streams: 20 });
    const done = [takenOver(group, 's2'), takenOver(group, 's3')];
    group.kill('s2');
    group.kill('s3');
    expect(group.until(() => done.every((one) => one()), 3_000)).toBeLessThanOrEqual(700);
    expect(group.allOnce()).toBe(true);
  });

  test('is found dead when all others are: the last one has nobody to ask', () => {
    const group = TestGroup.started({ ...patient, servers: 3 });
    group.kill('s2');
    group.kill('s3');
    expect(group.until(() => group.server('s1').capturing().length === 12, 3_000)).toBeLessThanOrEqual(700);
  });

  test('whose connection to a peer had died unseen is found dead there, too', () => {
    const group = TestGroup.started({ ...patient, servers: 4, streams: 20 });
    const done = takenOver(group, 's2');
    // To the poll of s3 nothing happens when s2 dies.
    group.forget('s3', 's2');
    group.kill('s2');
    expect(group.until(done, 3_000)).toBeLessThanOrEqual(400);
  });

  test('to which every connection had died unseen is given away by the end of its own', () => {
    const group = TestGroup.started({ ...patient, servers: 3 });
    const done = takenOver(group, 's2');
    group.forget('s1', 's2');
    group.forget('s3', 's2');
    group.kill('s2');
    expect(group.until(done, 3_000)).toBeLessThanOrEqual(400);
  });

  test('behind a firewall that refuses its own connections is found dead through the others', () => {
    const group = TestGroup.started({ ...patient, servers: 3 });
    group.cut('s1', 's2', 'refuse');
    group.run(20_000);
    expect(group.view('s1', 's2')?.state).toBe('suspect');
    const done = takenOver(group, 's2');
    group.kill('s2');
    expect(group.until(done, 3_000)).toBeLessThanOrEqual(400);
  });
});

describe('a witness that does not answer', () => {
  test('is waited for no longer than its word of a live server would take by itself', () => {
    const group = TestGroup.started(patient);
    group.cameras.deaf.add('s1').add('s3');
    group.kill('s2');
    const took = group.until(() => group.view('s1', 's2')?.state === 'dead', 20_000);
    expect(took).toBeGreaterThan(6_000);
    expect(took).toBeLessThanOrEqual(8_500);
  });
});

describe('a live server', () => {
  test('whose address refuses one other keeps its streams although the witness is too slow to say so', () => {
    const group = TestGroup.started(patient);
    group.cameras.deaf.add('s1').add('s3');
    group.cut('s1', 's2', 'refuse');
    group.run(30_000);
    expect(group.told('server-down')).toEqual([]);
    expect(group.told('takeover')).toEqual([]);
  });

  test('whose address refuses one other is suspect there, and keeps its streams', () => {
    const group = TestGroup.started(patient);
    group.cut('s1', 's2', 'refuse');
    group.run(30_000);
    expect(group.view('s1', 's2')?.state).toBe('suspect');
    expect(group.view('s3', 's2')?.state).toBe('alive');
    expect(group.allHome()).toBe(true);
    expect(group.told('takeover')).toEqual([]);
    group.heal();
    group.run(5_000);
    expect(group.view('s1', 's2')?.state).toBe('alive');
  });

  test('is not given up by who is refused a moment on the word of one behind a firewall: a third that hears it is asked', () => {
    const group = TestGroup.started({ ...patient, servers: 4 });
    group.cut('s1', 's2', 'refuse');
    group.cut('s1', 's4', 'refuse');
    group.run(20_000);
    group.cut('s3', 's2', 'refuse');
    group.run(2_000);
    expect(group.view('s3', 's2')?.state).toBe('suspect');
    expect(group.told('server-down').filter((line) => line.includes('s3'))).toEqual([]);
  });

  test('behind a one-way firewall of two is alive: its own requests prove it', () => {
    const group = TestGroup.started({ ...patient, servers: 2 });
    group.links.set('s1>s2', 'refuse');
    group.run(30_000);
    expect(group.allHome()).toBe(true);
    expect(group.told('takeover')).toEqual([]);
  });

  test('whose connections break now and then keeps its streams', () => {
    const group = TestGroup.started(patient);
    for (let i = 0; i < 10; i++) {
      for (const [peer, open] of group.server('s1').polls) {
        group.send('s1', { type: 'poll-failed', peer, poll: open.poll, reason: 'reset' });
      }
      group.run(100);
    }
    expect(group.told('server-down')).toEqual([]);
    expect(group.allHome()).toBe(true);
  });
});

describe('a refused connection', () => {
  test('says nothing of a server that was never heard: it may be about to start', () => {
    const group = new TestGroup({ ...patient, servers: 2 });
    group.start('s1');
    group.run(20_000);
    expect(group.server('s1').running.size).toBe(0);
    expect(group.view('s1', 's1')?.state).toBe('booting');
    group.start('s2');
    expect(group.until(() => group.allHome(), 3_000)).toBeLessThan(2_000);
  });
});

describe('a witness', () => {
  test('looks itself, once for all who ask, and says what it found', () => {
    const group = TestGroup.started();
    const core = group.server('s3').core;
    const target = serverName('s2');
    const now = core.nextWake();
    const ask = (reply: number) =>
      core.step({ type: 'probe-request', from: serverName('s1'), target, reply }, now).filter(isAboutProbes);
    const [probe] = ask(9_001);
    expect(probe).toMatchObject({ type: 'probe', target });
    expect(ask(9_002)).toEqual([]);
    const number = probe?.type === 'probe' ? probe.probe : -1;
    const told = core.step({ type: 'probe-result', target, probe: number, result: 'refused' }, now);
    expect(told.filter(isAboutProbes)).toEqual([
      { type: 'reply-probe', reply: 9_001, target, result: 'refused' },
      { type: 'reply-probe', reply: 9_002, target, result: 'refused' },
    ]);
  });

  test('answers for itself at once, and for strangers that it saw nothing', () => {
    const group = TestGroup.started();
    const core = group.server('s3').core;
    const ask = (target: string) =>
      core
        .step({ type: 'probe-request', from: serverName('s1'), target: serverName(target), reply: 9 }, core.nextWake())
        .filter(isAboutProbes);
    expect(ask('s3')).toMatchObject([{ type: 'reply-probe', result: 'answered' }]);
    expect(ask('s99')).toMatchObject([{ type: 'reply-probe', result: 'silent' }]);
  });
});

function isAboutProbes(effect: { readonly type: string }): boolean {
  return effect.type === 'probe' || effect.type === 'reply-probe';
}
