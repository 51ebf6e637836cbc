import { describe, expect, it } from 'vitest';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import {
  cam,
  captured,
  chronicle,
  main,
  other,
  self,
  sub,
  takeover,
  third,
} from '../../../test/support/test-chronicle.ts';
import { incarnation, streamName } from '../../units/ids.ts';
import type { JournalEvent } from '../journal/journal-event.ts';

const failback = { kind: 'failback', stream: cam, from: other, tookMs: 3000 } as const;

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
      'cam goes on with source 2 of 2, rtsp://***@cam/sub: source 1 was left: the source ended the connection, 4.0 s of video lost',
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
