import { describe, expect, it, test } from 'vitest';
import { ms } from '../../../test/support/manual-clock.ts';
import {
  at,
  cam,
  captured,
  chronicle,
  main,
  other,
  self,
  takeover,
  third,
} from '../../../test/support/test-chronicle.ts';
import type { ServerName } from '../../units/ids.ts';
import type { LastEnd } from '../ends/ends.ts';

describe('a stream that no server captured', () => {
  const alone = { ...captured, cause: 'assigned' } as const;
  const last = (server: ServerName, second: number, isOwnWord = true): LastEnd => ({
    server,
    end: at(second),
    isOwnWord,
  });

  it('is told with the hole from whoever had it last', async () => {
    const { made, events, lost, publish } = await chronicle({}, { last: last(other, 100) });
    made.captureBegins(cam, false, 'assigned');
    made.notice(alone);
    publish(134, 140);
    expect(await events()).toMatchObject([
      {
        kind: 'group-outage',
        cause: 'no-server',
        from: other,
        to: self,
        lostMs: 34_000,
        lostFrom: 100_000_000,
        lostTo: 134_000_000,
        message: 'cam was captured by no server until self began, 34.0 s of video lost',
      },
    ]);
    expect(lost).toEqual([34_000]);
  });

  it('is told without the seconds when whoever had it last is not back: it may have gone on', async () => {
    const { made, events, publish } = await chronicle({}, { last: last(other, 100, false) });
    made.captureBegins(cam, false, 'assigned');
    made.notice(alone);
    publish(134, 140);
    expect(await events()).toHaveLength(1);
    expect((await events())[0]).not.toHaveProperty('lostMs');
    expect((await events())[0]?.message).toContain('is not known, for other, who had it last, is not back');
  });

  it('is no story when nobody had it before, or nothing is missing', async () => {
    for (const past of [{}, { last: last(other, 133.9) }]) {
      const { made, events, publish } = await chronicle({}, past);
      made.captureBegins(cam, false, 'assigned');
      made.notice(alone);
      publish(134, 140);
      expect(await events()).toEqual([]);
    }
  });

  it('for it was on the smaller side, as long as the other side had it not', async () => {
    const { made, events, publish } = await chronicle({}, { last: last(other, 25) });
    made.captureBegins(cam, false, 'assigned');
    publish(0, 10);
    made.notice({ kind: 'minority', begins: true, away: [other, third] });
    made.captureEnds(cam);
    // What was in the making when it had to stop.
    publish(10, 12);
    made.notice({ kind: 'minority', begins: false, away: [] });
    made.captureBegins(cam, false, 'unclaimed');
    made.notice({ ...captured, cause: 'unclaimed' });
    publish(27, 30);
    expect(await events()).toMatchObject([
      { kind: 'minority', from: self, message: expect.stringContaining('without other and third') },
      { kind: 'majority', from: self },
      { kind: 'group-outage', cause: 'partition', from: other, lostMs: 2_000 },
    ]);
  });
});

describe('what was on the smaller side', () => {
  const alone = { ...captured, cause: 'assigned' } as const;
  const last: LastEnd = { server: other, end: at(60), isOwnWord: true };

  /** A server that has been on the smaller side; others had `cam` meanwhile, or nobody. */
  async function parted(owner: () => ServerName | undefined, removed = new Set<string>()) {
    const made = await chronicle({ [other]: 60 }, { last, owner, removed, partedWithinMs: 4_000 });
    made.made.captureBegins(cam, false, 'assigned');
    made.publish(0, 10);
    made.made.notice({ kind: 'minority', begins: true, away: [other, third] });
    made.made.captureEnds(cam);
    // What was in the making when it had to stop.
    made.publish(10, 12);
    return made;
  }
  const heal = { kind: 'minority', begins: false, away: [] } as const;

  it.each<[string, boolean]>([
    ['when the sides meet again', true],
    ['later', false],
  ])('is forgotten of a stream that the larger side is seen to have %s', async (_, atOnce) => {
    let owner: ServerName | undefined = atOnce ? other : undefined;
    const { made, clock, events, publish } = await parted(() => owner);
    made.notice(heal);
    owner = other;
    if (!atOnce) made.ownersChanged([cam]);
    // Another night, the group is down.
    owner = undefined;
    made.ownersChanged([cam]);
    made.captureBegins(cam, false, 'assigned');
    made.notice(alone);
    publish(70, 80);
    await clock.advance(ms(60_000));
    expect((await events()).slice(2)).toMatchObject([{ kind: 'group-outage', cause: 'no-server', lostMs: 10_000 }]);
  });

  it('is not forgotten while it is there: what it hears of the others then is old', async () => {
    let owner: ServerName | undefined = other;
    const { made, clock, events, publish } = await parted(() => owner);
    made.ownersChanged([cam]);
    owner = undefined;
    made.notice(heal);
    made.captureBegins(cam, false, 'assigned');
    made.notice(alone);
    publish(70, 80);
    await clock.advance(ms(60_000));
    expect((await events()).slice(2)).toMatchObject([{ kind: 'group-outage', cause: 'partition' }]);
  });

  it('is forgotten of a stream that is removed', async () => {
    const removed = new Set<string>();
    const { made, events, publish } = await parted(() => undefined, removed);
    made.notice(heal);
    removed.add(cam);
    made.ownersChanged([cam]);
    removed.clear();
    made.captureBegins(cam, false, 'assigned');
    made.notice(alone);
    publish(70, 80);
    expect((await events()).slice(2)).not.toMatchObject([{ cause: 'partition' }]);
  });

  it.each(['outlived', 'stood-still'] as const)('ends with a new life (%s), which is told', async (cause) => {
    const { made, clock, events, publish } = await parted(() => undefined);
    if (cause === 'outlived') made.newLife('outlived');
    else made.notice({ kind: 'stood-still', forMs: 9_000, beginsAnew: true });
    made.captureBegins(cam, false, 'assigned');
    publish(60, 62);
    made.captureEnds(cam);
    // It has settled, and is on no smaller side: a death is a death.
    made.notice({ ...takeover, cause: 'silent' });
    made.captureBegins(cam, false, 'silent');
    made.notice({ ...captured, cause: 'silent' });
    publish(70, 80);
    made.captureEnds(cam);
    await clock.advance(ms(4_000));
    const told = (await events()).filter(({ kind }) => kind !== 'stood-still');
    expect(told).toMatchObject([
      { kind: 'minority' },
      { kind: 'majority', message: expect.stringContaining('begins anew') },
      { kind: 'takeover', lostMs: 10_000 },
    ]);
  });
});

describe('a takeover from the larger side of a parted group', () => {
  const silent = { ...takeover, cause: 'silent' } as const;

  it('is none: that side has the stream all the time', async () => {
    const { made, clock, events, publish } = await chronicle({ [other]: 100 }, { partedWithinMs: 4_000 });
    made.notice(silent);
    made.captureBegins(cam, false, 'silent');
    made.notice({ ...captured, cause: 'silent' });
    publish(110, 112);
    await clock.advance(ms(3_000));
    made.notice({ kind: 'minority', begins: true, away: [other, third] });
    made.captureEnds(cam);
    await clock.advance(ms(60_000));
    expect((await events()).map(({ kind }) => kind)).toEqual(['minority']);
  });

  it('is none either when the sides meet again before it is told', async () => {
    const { made, clock, events, publish } = await chronicle(
      { [other]: 100 },
      { partedWithinMs: 4_000, owner: () => other },
    );
    made.notice(silent);
    made.captureBegins(cam, false, 'silent');
    made.notice({ ...captured, cause: 'silent' });
    publish(110, 112);
    made.notice({ kind: 'minority', begins: true, away: [other, third] });
    made.captureEnds(cam);
    made.notice({ kind: 'minority', begins: false, away: [] });
    await clock.advance(ms(60_000));
    expect((await events()).map(({ kind }) => kind)).toEqual(['minority', 'majority']);
  });

  it('is told when that side turns out to be the smaller one', async () => {
    const { made, clock, events, publish } = await chronicle({ [other]: 100 }, { partedWithinMs: 4_000 });
    made.notice(silent);
    made.captureBegins(cam, false, 'silent');
    made.notice({ ...captured, cause: 'silent' });
    publish(110, 112);
    expect(await events()).toEqual([]);
    await clock.advance(ms(4_000));
    expect(await events()).toMatchObject([{ kind: 'takeover', cause: 'silent', lostMs: 10_000 }]);
  });
});

describe('a stream that every server captures for itself', () => {
  it('is lost and found like those of the group', async () => {
    const { made, clock, events, publish } = await chronicle();
    made.captureBegins(cam, false, undefined);
    publish(0, 4);
    made.localFact(cam, { kind: 'stalled', error: 'ECONNREFUSED' }, ms(10_000));
    await clock.advance(ms(20_000));
    made.localFact(cam, { kind: 'frames' }, ms(10_000));
    publish(34, 38);
    expect(await events()).toMatchObject([
      { kind: 'source-lost', from: self, cause: 'ECONNREFUSED', tookMs: 10_000 },
      { kind: 'source-found', to: self, tookMs: 30_000, lostMs: 30_000 },
    ]);
  });

  it('for its only server was down is told by that one', async () => {
    const { made, events, publish } = await chronicle({}, { kept: 100 });
    made.captureBegins(cam, false, undefined);
    publish(130, 140);
    made.captureEnds(cam);
    made.captureBegins(cam, false, undefined);
    publish(140, 142);
    expect(await events()).toMatchObject([{ kind: 'interrupted', cause: 'restarted', lostMs: 30_000 }]);
  });
});

describe('a standstill', () => {
  it('of some seconds is the cause of what is missing, not the source', async () => {
    const { made, clock, events, publish } = await chronicle();
    await clock.advance(ms(100_000));
    const now = clock.wall() / 1_000_000;
    made.captureBegins(cam, false, 'assigned');
    made.source(cam, main);
    publish(now - 10, now - 6);
    made.notice({ kind: 'stood-still', forMs: 5_500, beginsAnew: false });
    made.sourceFailed(cam, 0, 'the source sends no frames');
    made.notice({ kind: 'source-lost', stream: cam, error: 'the source sends no frames', darkMs: 6_000 });
    publish(now, now + 4);
    publish(now + 8, now + 10);
    expect(await events()).toMatchObject([
      { kind: 'stood-still', tookMs: 5_500, message: expect.stringContaining('too short for its peers') },
      { kind: 'source-lost', cause: 'stood-still', message: expect.stringContaining('its server stood still') },
      { kind: 'interrupted', cause: 'stood-still', lostMs: 6_000 },
      { kind: 'interrupted', cause: 'the source left a gap', lostMs: 4_000 },
    ]);
  });

  it('that made a new life is what its streams tell, not a restart', async () => {
    const { made, events, publish } = await chronicle();
    made.captureBegins(cam, false, 'assigned');
    publish(0, 4);
    made.notice({ kind: 'stood-still', forMs: 9_000, beginsAnew: true });
    made.captureBegins(cam, false, 'restarted');
    made.notice({ ...captured, standIn: false, cause: 'restarted' });
    publish(15, 19);
    expect((await events())[1]).toMatchObject({ kind: 'interrupted', cause: 'stood-still', lostMs: 11_000 });
  });
});

describe('a stream that is removed', () => {
  it('is told of no more, but for what it had lost', async () => {
    const removed = new Set<string>();
    const { made, clock, events, publish } = await chronicle({ [other]: 0 }, { removed });
    made.captureBegins(cam, false, 'assigned');
    for (const start of [0, 6, 12, 18, 24, 30]) publish(start, start + 4);
    made.notice(takeover);
    made.notice(captured);
    removed.add(cam);
    made.captureEnds(cam);
    await clock.advance(ms(300_000));
    const told = await events();
    expect(told.map(({ kind, lostMs }) => [kind, lostMs])).toEqual([
      ...Array.from({ length: 4 }, () => ['interrupted', 2_000]),
      ['interrupted', 2_000],
    ]);
    expect(told.at(-1)?.message).toMatch(/the stream is removed since$/);
  });
});

test('a peer that refuses is told once for as long as it does', async () => {
  const { made, clock, events } = await chronicle();
  for (let second = 0; second < 1_000; second++) {
    made.refused(other);
    await clock.advance(ms(1_000));
  }
  expect(await events()).toMatchObject([{ kind: 'peer-refused', from: other, cause: 'cluster-key' }]);
  await clock.advance(ms(600_000));
  made.refused(other);
  expect(await events()).toHaveLength(2);
});
