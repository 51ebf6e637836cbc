import { describe, expect, it, test } from 'vitest';
import { memoryFiles } from '../../../test/support/journal-files.ts';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import { silentLog } from '../../../test/support/silent-log.ts';
import { incarnation, type ServerName, serverName, streamName } from '../../units/ids.ts';
import { type Ticks, ticks } from '../../units/ticks.ts';
import type { LastEnd } from '../ends/ends.ts';
import { Journal } from '../journal/journal.ts';
import type { JournalEvent } from '../journal/journal-event.ts';
import { Chronicle } from './chronicle.ts';

const cam = streamName('cam');
const [self, other, third] = [serverName('self'), serverName('other'), serverName('third')];
const takeover = { kind: 'takeover', stream: cam, from: other, cause: 'process-dead' } as const;
const captured = { kind: 'captured', stream: cam, standIn: true, cause: 'process-dead', tookMs: 412.4 } as const;
const failback = { kind: 'failback', stream: cam, from: other, tookMs: 3000 } as const;
const [main, sub] = [
  { index: 0, of: 2, url: 'rtsp://***@cam/main' },
  { index: 1, of: 2, url: 'rtsp://***@cam/sub' },
];

/** `ends`: where each server's timeline ended, in seconds. */
async function chronicle(
  ends: Partial<Record<ServerName, number | Promise<Ticks | undefined>>> = {},
  past: {
    readonly kept?: number;
    readonly last?: LastEnd;
    readonly removed?: ReadonlySet<string>;
    readonly partedWithinMs?: number;
  } = {},
) {
  const clock = new ManualClock();
  const journal = await Journal.open(memoryFiles(), clock.wall(), () => {});
  const lost: number[] = [];
  const made = new Chronicle({
    self,
    clock,
    utc: () => clock.wall(),
    incarnation: () => incarnation(1),
    journal,
    log: silentLog,
    endAt: (_, from) => {
      const end = ends[from];
      return end instanceof Promise ? end : Promise.resolve(end === undefined ? undefined : at(end));
    },
    ownPastEnd: () => Promise.resolve(ends[self] === undefined ? undefined : at(Number(ends[self]))),
    ownKeptEnd: () => (past.kept === undefined ? undefined : at(past.kept)),
    lastEnd: () => Promise.resolve(past.last),
    isConfigured: (stream) => past.removed?.has(stream) !== true,
    partedWithin: () => ms(past.partedWithinMs ?? 0),
    onLost: (span) => lost.push(span),
  });
  const events = async (): Promise<JournalEvent[]> => {
    await clock.advance(ms(0));
    return journal.list({ since: undefined, limit: 99 });
  };
  /** Segments of two seconds, one behind the other, from second `from` to `to`. */
  const publish = (from: number, to: number): void => {
    for (let start = from; start < to; start += 2) made.segment(cam, at(start), at(Math.min(to, start + 2)));
  };
  return { made, clock, events, lost, publish };
}

const at = (seconds: number): Ticks => ticks(Math.round(seconds * 90_000));

describe('a takeover', () => {
  it('is told with its time and the video lost, once its first segment is there', async () => {
    const { made, events, lost, publish } = await chronicle({ [other]: 100 });
    made.notice(takeover);
    made.captureBegins(cam, false, 'process-dead');
    made.notice(captured);
    expect(await events()).toEqual([]);
    publish(101.5, 120);
    expect(await events()).toMatchObject([
      { kind: 'takeover', stream: cam, from: other, to: self, cause: 'process-dead', tookMs: 412, lostMs: 1500 },
    ]);
    expect((await events())[0]?.message).toBe(
      'cam taken over by self from other: the process of other is gone, 1.5 s of video lost',
    );
    expect((await events())[0]).toMatchObject({ lostFrom: 100_000_000, lostTo: 101_500_000 });
    expect(lost).toEqual([1500]);
  });

  it('begins where the last one with frames ended, whatever this server tried and published before', async () => {
    const { made, events, lost, publish } = await chronicle({ [third]: 20, [other]: 161 });
    made.captureBegins(cam, false, 'assigned');
    publish(0, 10);
    made.captureEnds(cam);
    // In vain, long ago.
    made.notice({ ...takeover, from: third, cause: 'source-lost' });
    made.captureBegins(cam, false, 'source-lost');
    made.captureEnds(cam);
    made.notice({ ...takeover, cause: 'source-lost' });
    made.captureBegins(cam, false, 'source-lost');
    made.notice({ ...captured, cause: 'source-lost' });
    made.notice({ kind: 'source-found', stream: cam, darkMs: 38_000 });
    publish(200, 210);
    expect(await events()).toMatchObject([
      { kind: 'source-found', tookMs: 38_000 },
      { kind: 'takeover', from: other, lostMs: 39_000 },
    ]);
    expect((await events())[0]).not.toHaveProperty('lostMs');
    expect(lost).toEqual([39_000]);
  });

  it('of which nobody can say where it began, or that comes to no segment, is told without the loss', async () => {
    const unseen = await chronicle();
    unseen.made.notice(takeover);
    unseen.made.captureBegins(cam, false, undefined);
    unseen.made.notice(captured);
    unseen.publish(1, 5);
    const late = await chronicle({ [other]: 100 });
    late.made.notice(takeover);
    late.made.captureBegins(cam, false, undefined);
    late.made.notice(captured);
    await late.clock.advance(ms(60_000));
    for (const { events } of [unseen, late]) {
      const [event] = await events();
      expect(event).not.toHaveProperty('lostMs');
      expect(event?.message).toContain('how much video was lost is not known');
    }
  });

  it('of a camera with a long GOP waits for the segment, which ends long after the first frame', async () => {
    const { made, clock, events, publish, lost } = await chronicle({ [other]: 100 });
    made.notice(takeover);
    made.captureBegins(cam, false, undefined);
    made.notice(captured);
    await clock.advance(ms(29_000));
    publish(104, 114);
    expect((await events())[0]).toMatchObject({ kind: 'takeover', lostMs: 4_000 });
    expect(lost).toEqual([4_000]);
  });

  it('is not made of a step of the time, in which nothing is missing', async () => {
    const { made, events, publish, lost } = await chronicle();
    made.captureBegins(cam, false, undefined);
    publish(0, 10);
    made.steppedOn(cam);
    publish(40, 50);
    publish(53, 60);
    expect((await events()).map(({ kind, lostMs }) => [kind, lostMs])).toEqual([['interrupted', 3_000]]);
    expect(lost).toEqual([3_000]);
  });

  it('that is a mere try is not told, nor is a capture that nobody had to take over', async () => {
    const { made, events, publish } = await chronicle();
    made.notice(takeover);
    made.captureBegins(cam, false, undefined);
    made.captureEnds(cam);
    made.captureBegins(cam, false, 'assigned');
    made.notice({ ...captured, standIn: false, cause: 'assigned' });
    publish(1, 5);
    expect(await events()).toEqual([]);
  });

  it('that has frames but no segment yet is told when the process ends', async () => {
    const { made, events } = await chronicle();
    made.notice(takeover);
    made.notice(captured);
    await made.close();
    expect(await events()).toMatchObject([{ kind: 'takeover', from: other }]);
  });
});

describe('a move by agreement', () => {
  it('lost nothing when its first segment lies beside the last of the predecessor, whenever that is told', async () => {
    const { made, events, lost, publish } = await chronicle({ [other]: 12 });
    made.captureBegins(cam, true, 'returned');
    publish(10, 14);
    made.notice(failback);
    expect(await events()).toMatchObject([{ kind: 'failback', from: other, to: self, cause: 'returned', lostMs: 0 }]);
    expect((await events())[0]?.message).toBe('cam is back at self, from other, no video lost');
    expect(lost).toEqual([0]);
  });

  it('that breaks tells the hole once its first segment is there, and once', async () => {
    const { made, clock, events, lost, publish } = await chronicle({ [other]: 12 });
    made.captureBegins(cam, false, 'drain');
    made.notice({ kind: 'handover', stream: cam, from: other, cause: 'drain', tookMs: 900 });
    await clock.advance(ms(1_000));
    expect(await events()).toEqual([]);
    publish(13.2, 20);
    await clock.advance(ms(20_000));
    expect(await events()).toMatchObject([{ kind: 'handover', cause: 'drain', to: self, lostMs: 1200 }]);
    expect(lost).toEqual([1200]);
  });

  it('is told without the loss when the predecessor does not say where it ended', async () => {
    const { made, events, publish } = await chronicle({ [other]: new Promise(() => {}) });
    made.captureBegins(cam, true, undefined);
    publish(1, 5);
    made.notice(failback);
    expect(await events()).toEqual([]);
    await made.close();
    expect((await events())[0]).not.toHaveProperty('lostMs');
  });
});

describe('a hole in what one server publishes', () => {
  it('is told with why the connection ended', async () => {
    const { made, events, lost, publish } = await chronicle();
    made.captureBegins(cam, false, 'assigned');
    made.source(cam, main);
    publish(0, 5);
    made.sourceFailed(cam, 0, 'the source ended the connection');
    made.sourceFailed(cam, 0, 'ECONNREFUSED');
    made.source(cam, main);
    publish(8, 10);
    expect(await events()).toMatchObject([
      { kind: 'interrupted', cause: 'the source ended the connection', source: main.url, lostMs: 3000 },
    ]);
    expect(lost).toEqual([3000]);
  });

  it('of a restart so short that nobody took over is told by the new life', async () => {
    const { made, events, publish } = await chronicle({ [self]: 40 });
    made.captureBegins(cam, false, 'restarted');
    made.notice({ ...captured, standIn: false, cause: 'restarted', tookMs: 300 });
    publish(42.5, 50);
    expect(await events()).toMatchObject([
      {
        kind: 'interrupted',
        cause: 'restarted',
        tookMs: 300,
        lostMs: 2500,
        message: 'cam was interrupted at self: its server was restarted, 2.5 s of video lost',
      },
    ]);
  });

  it('of jitter is none', async () => {
    const { made, events, publish } = await chronicle();
    made.captureBegins(cam, false, 'assigned');
    publish(0, 4);
    publish(4.2, 8);
    expect(await events()).toEqual([]);
  });

  it('is told with why its input was opened anew', async () => {
    const { made, events, publish } = await chronicle();
    made.captureBegins(cam, false, 'assigned');
    publish(0, 4);
    made.captureEnds(cam);
    made.captureBegins(cam, false, 'reload');
    made.source(cam, main);
    publish(5, 9);
    publish(12, 14);
    expect(await events()).toMatchObject([
      { kind: 'interrupted', cause: 'reload', lostMs: 1000, message: expect.stringContaining('a reload') },
      { kind: 'interrupted', cause: 'the source left a gap', lostMs: 3000 },
    ]);
  });

  it('is counted once when the source was told as lost, and found', async () => {
    const { made, events, lost, publish } = await chronicle();
    made.captureBegins(cam, false, 'assigned');
    made.source(cam, main);
    publish(0, 4);
    made.notice({ kind: 'source-lost', stream: cam, error: 'ECONNREFUSED', darkMs: 10_000 });
    made.captureEnds(cam);
    made.captureBegins(cam, false, 'source-lost');
    made.source(cam, main);
    made.notice({ ...captured, cause: 'source-lost' });
    made.notice({ kind: 'source-found', stream: cam, darkMs: 39_000 });
    publish(44.5, 50);
    expect(await events()).toMatchObject([
      { kind: 'source-lost', cause: 'ECONNREFUSED', tookMs: 10_000, source: main.url },
      { kind: 'source-found', tookMs: 39_000, lostMs: 40_500 },
    ]);
    expect((await events())[0]?.message).toBe('self has no video of cam for 10.0 s: ECONNREFUSED');
    expect(lost).toEqual([40_500]);
  });

  it('again and again is told at once, then every five minutes in sum', async () => {
    const { made, clock, events, lost, publish } = await chronicle();
    made.captureBegins(cam, false, 'assigned');
    for (let round = 0; round < 10; round++) {
      publish(round * 6, round * 6 + 4);
      made.sourceFailed(cam, 0, 'reset');
    }
    expect(await events()).toHaveLength(4);
    await clock.advance(ms(300_000));
    await clock.advance(ms(300_000));
    expect((await events()).at(-1)).toMatchObject({
      kind: 'interrupted',
      lostMs: 10_000,
      tookMs: 300_000,
      message: expect.stringContaining('5 times in 300.0 s'),
    });
    expect(lost).toEqual([2000, 2000, 2000, 2000, 10_000]);
    publish(100, 104);
    expect(await events()).toHaveLength(6);
  });

  it('is not this server to tell while another had the stream, or while it was away itself', async () => {
    const { made, events, publish } = await chronicle({ [other]: 50 });
    made.captureBegins(cam, false, 'assigned');
    publish(0, 4);
    made.captureEnds(cam);
    made.captureBegins(cam, true, 'returned');
    publish(48, 52);
    made.notice(failback);
    made.captureEnds(cam);
    made.notice({ kind: 'stood-still', forMs: 12_345, beginsAnew: true });
    made.captureBegins(cam, false, 'assigned');
    publish(90, 94);
    expect(await events()).toMatchObject([
      { kind: 'stood-still', cause: 'stood-still', tookMs: 12_345 },
      { kind: 'failback', lostMs: 0 },
    ]);
  });
});

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

describe('another source', () => {
  it('is told with what became of the one before, and what was missing', async () => {
    const { made, events, lost, publish } = await chronicle();
    made.captureBegins(cam, false, 'assigned');
    made.source(cam, main);
    publish(0, 5);
    made.sourceFailed(cam, 0, 'the source ended the connection');
    made.sourceFailed(cam, 0, 'ECONNREFUSED');
    made.source(cam, sub);
    publish(9, 15);
    made.sourceFailed(cam, 1, 'the source sends no frames');
    made.source(cam, main);
    publish(16, 18);
    expect(await events()).toMatchObject([
      { kind: 'source-switched', source: sub.url, cause: 'the source ended the connection', lostMs: 4000 },
      { kind: 'source-switched', source: main.url, cause: 'the source sends no frames', lostMs: 1000 },
    ]);
    expect((await events())[0]?.message).toBe(
      'cam goes on with source 2 of 2, rtsp://***@cam/sub: source 1 failed: the source ended the connection, 4.0 s of video lost',
    );
    expect(lost).toEqual([4000, 1000]);
  });

  it('at the very beginning is told without a loss: there was nothing before', async () => {
    const { made, events, lost, publish } = await chronicle();
    made.captureBegins(cam, false, 'assigned');
    made.sourceFailed(cam, 0, 'ECONNREFUSED');
    made.source(cam, sub);
    publish(0, 5);
    expect(await events()).toMatchObject([{ kind: 'source-switched', source: sub.url, cause: 'ECONNREFUSED' }]);
    expect(lost).toEqual([]);
  });

  it('of a takeover leaves the loss to the takeover', async () => {
    const { made, events, lost, publish } = await chronicle({ [other]: 100 });
    made.notice(takeover);
    made.captureBegins(cam, false, 'process-dead');
    made.sourceFailed(cam, 0, 'ECONNREFUSED');
    made.source(cam, sub);
    made.notice(captured);
    publish(104, 110);
    expect((await events()).map(({ kind, lostMs }) => [kind, lostMs])).toEqual([
      ['source-switched', undefined],
      ['takeover', 4000],
    ]);
    expect(lost).toEqual([4000]);
  });
});

describe('a drain', () => {
  const told = (stream: string, lostMs: number | undefined): JournalEvent => ({
    server: other,
    life: incarnation(1),
    sequence: 1,
    at: new ManualClock().wall(),
    kind: 'handover',
    stream: streamName(stream),
    from: self,
    to: other,
    ...(lostMs !== undefined && { lostMs }),
    message: '',
  });
  const given = (stream: string) =>
    ({ kind: 'given', stream: streamName(stream), to: other, cause: 'drain', tookMs: 10 }) as const;

  it('is told at its begin, and at its end with what its takers measured', async () => {
    const { made, events, lost } = await chronicle();
    made.notice({ kind: 'drain', cause: 'operator', streams: 2 });
    made.notice(given('a'));
    made.heard(told('b', 0));
    made.notice(given('b'));
    made.notice({ kind: 'drained', cause: 'operator', left: 0, tookMs: 8_200 });
    expect(await events()).toHaveLength(1);
    made.heard(told('a', 700));
    expect(await events()).toMatchObject([
      { kind: 'drain', cause: 'operator', from: self, message: 'self gives 2 streams away: an operator asked for it' },
      { kind: 'drained', cause: 'operator', from: self, tookMs: 8_200, lostMs: 700 },
    ]);
    expect((await events())[1]?.message).toBe('self has given 2 streams away in 8.2 s, 0.7 s of video lost');
    expect(lost).toEqual([]);
  });

  it('accounts for every stream', async () => {
    const { made, clock, events } = await chronicle();
    made.notice({ kind: 'drain', cause: 'operator', streams: 5 });
    for (const stream of ['a', 'b']) {
      made.notice(given(stream));
      made.heard(told(stream, 0));
    }
    made.notice({ kind: 'drained', cause: 'operator', left: 2, tookMs: 8_200 });
    await clock.advance(ms(3_000));
    expect((await events()).at(-1)?.message).toBe(
      'self has given 2 of 5 streams away in 8.2 s, no video lost; 2 stay, for nobody takes them; 1 had no video to hand over',
    );
  });

  it('whose takers do not tell ends without the sum', async () => {
    const { made, clock, events } = await chronicle();
    made.notice({ kind: 'drain', cause: 'leave', streams: 1 });
    made.notice(given('a'));
    made.notice({ kind: 'drained', cause: 'leave', left: 1, tookMs: 20_000 });
    await clock.advance(ms(3_000));
    const last = (await events()).at(-1);
    expect(last).not.toHaveProperty('lostMs');
    expect(last?.message).toContain('how much video was lost is not known; 1 ended, for nobody took them');
  });
});

it('why a server boots is told when it has settled, with whom it misses', async () => {
  const { made, events } = await chronicle();
  made.notice({ kind: 'settled', afterMs: 420, missing: [] });
  made.notice({ kind: 'stood-still', forMs: 9_000, beginsAnew: true });
  made.notice({ kind: 'settled', afterMs: 10_000, missing: [other, third] });
  expect(await events()).toMatchObject([
    { kind: 'settled', cause: 'started', tookMs: 420, message: 'self takes part in the group after 0.4 s' },
    { kind: 'stood-still' },
    { kind: 'settled', cause: 'stood-still', message: expect.stringContaining(', without other and third') },
  ]);
});
