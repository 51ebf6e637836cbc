import { describe, expect, test } from 'vitest';
import { cam, type FakeSurroundings, s01, s02, s03, surroundings, windowOf } from '../../test/support/fake-delivery.ts';
import { ManualClock, ms } from '../../test/support/manual-clock.ts';
import { streamName } from '../units/ids.ts';
import { Delivery } from './delivery.ts';
import type { Answer, ViewerRequest } from './route/request.ts';
import type { Target } from './route/target.ts';

interface Bench {
  readonly around: FakeSurroundings;
  readonly clock: ManualClock;
  readonly delivery: Delivery;
}

function bench(): Bench {
  const around = surroundings(s01);
  const clock = new ManualClock();
  return { around, clock, delivery: new Delivery({ ports: around, clock }) };
}

const media: Target = { kind: 'media', stream: cam };
const segment = (number: number): Target => ({ kind: 'segment', stream: cam, segment: number });

function request(target: Target, query = '', signal = new AbortController().signal): ViewerRequest {
  return { target, query, signal: () => signal };
}

/** Whether it came by promise or at once, and what became of it. */
function ask(on: Bench, target: Target, query = ''): { outcome: () => Answer | string | undefined } {
  let outcome: Answer | string | undefined;
  const failed = (error: unknown): void => {
    outcome = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  };
  try {
    const answered = on.delivery.answer(request(target, query));
    if (answered instanceof Promise) answered.then((answer) => (outcome = answer)).catch(failed);
    else outcome = answered;
  } catch (error) {
    failed(error);
  }
  return { outcome: () => outcome };
}

/** The segments of an answered playlist. */
function listed(outcome: Answer | string | undefined): string[] {
  if (typeof outcome !== 'object' || outcome.kind !== 'playlist') return [String(outcome)];
  return [
    ...Buffer.from(outcome.body)
      .toString()
      .matchAll(/^(\d+)\.m4s$/gm),
  ].map((match) => match[1] ?? '');
}

async function viewedFrom(owner: typeof s02, window = windowOf(1, 3, owner)): Promise<Bench> {
  const on = bench();
  on.around.setOwner(owner);
  if (owner === s01) on.around.setLocal(window);
  else on.around.setRemote(owner, window);
  ask(on, media);
  await on.clock.advance(ms(0));
  return on;
}

describe('a playlist', () => {
  test('is unknown for a stream that is not configured', () => {
    expect(ask(bench(), { kind: 'media', stream: streamName('../etc') }).outcome()).toBe('stream-unknown');
  });

  test('comes at once from the own window', async () => {
    const on = await viewedFrom(s01);
    expect(listed(ask(on, media).outcome())).toEqual(['1', '2', '3']);
  });

  test('is asked of the owner once for all viewers', async () => {
    const on = await viewedFrom(s02);
    for (let i = 0; i < 5; i++) expect(listed(ask(on, media).outcome())).toEqual(['1', '2', '3']);
    on.around.setRemote(s02, windowOf(1, 4, s02));
    await on.clock.advance(ms(0));
    expect(listed(ask(on, media).outcome())).toEqual(['1', '2', '3', '4']);
    expect(on.around.polls.map((poll) => poll.afterRevision)).toEqual([0, 3, 4]);
  });

  test('is the same text on every server', async () => {
    const window = windowOf(5, 8, s01);
    const texts = await Promise.all(
      ([s01, s02] as const).map(async (self) => {
        const around = surroundings(self);
        const clock = new ManualClock();
        const delivery = new Delivery({ ports: around, clock });
        around.setOwner(s01);
        if (self === s01) around.setLocal(window);
        else around.setRemote(s01, window);
        const answer = Promise.resolve(delivery.answer(request(media)));
        await clock.advance(ms(0));
        const answered = await answer;
        return answered.kind === 'playlist' ? Buffer.from(answered.body).toString() : answered.kind;
      }),
    );
    expect(texts[0]).toContain('8.m4s');
    expect(texts[1]).toBe(texts[0]);
  });

  test('is not followed any more a minute after the last viewer', async () => {
    const on = await viewedFrom(s02);
    await on.clock.advance(ms(59_000));
    ask(on, media);
    await on.clock.advance(ms(59_000));
    expect(on.around.polls.at(-1)?.signal.aborted).toBe(false);
    await on.clock.advance(ms(1_000));
    expect(on.around.polls.at(-1)?.signal.aborted).toBe(true);
  });

  test('is held up to eight seconds while there never was one, then refused', async () => {
    const on = bench();
    const asked = ask(on, media);
    await on.clock.advance(ms(7_999));
    expect(asked.outcome()).toBeUndefined();
    await on.clock.advance(ms(1));
    expect(asked.outcome()).toBe('stream-unavailable');
    expect(on.delivery.held).toBe(0);
  });

  test('is answered as soon as the first one comes', async () => {
    const on = bench();
    const asked = ask(on, media);
    await on.clock.advance(ms(3_000));
    on.around.setRemote(s02, windowOf(9, 9, s02));
    on.around.setOwner(s02);
    await on.clock.advance(ms(0));
    expect(listed(asked.outcome())).toEqual(['9']);
  });

  test.each([
    ['nobody owns the stream', (on: Bench) => on.around.setOwner(undefined)],
    ['the new owner has no segment yet', (on: Bench) => on.around.setOwner(s01)],
    ['the owner is out of reach', (on: Bench) => on.around.setRemote(s02, undefined)],
    [
      'the new owner is behind',
      (on: Bench) => {
        on.around.setRemote(s03, windowOf(1, 2, s03));
        on.around.setOwner(s03);
      },
    ],
  ])('is held for a moment and then repeated while %s', async (_case, disturb) => {
    const on = await viewedFrom(s02);
    disturb(on);
    await on.clock.advance(ms(0));
    const asked = ask(on, media);
    await on.clock.advance(ms(7_999));
    expect(asked.outcome()).toBeUndefined();
    await on.clock.advance(ms(1));
    expect(listed(asked.outcome())).toEqual(['1', '2', '3']);
  });

  test('that is about to be out of date waits for the next segment', async () => {
    const on = await viewedFrom(s02);
    await on.clock.advance(ms(1_699));
    expect(listed(ask(on, media).outcome())).toEqual(['1', '2', '3']);
    await on.clock.advance(ms(1));
    const asked = ask(on, media);
    await on.clock.advance(ms(400));
    expect(asked.outcome()).toBeUndefined();
    on.around.setRemote(s02, windowOf(1, 4, s02));
    await on.clock.advance(ms(0));
    expect(listed(asked.outcome())).toEqual(['1', '2', '3', '4']);
  });

  test('is not waited for by who only wants to know which codecs there are', async () => {
    const on = await viewedFrom(s02);
    await on.clock.advance(ms(1_900));
    expect(ask(on, { kind: 'multivariant', stream: cam }).outcome()).toMatchObject({ kind: 'playlist' });
  });

  test('is repeated at once when the source is late for longer than a moment', async () => {
    const on = await viewedFrom(s02);
    await on.clock.advance(ms(2_000));
    const asked = ask(on, media);
    await on.clock.advance(ms(299));
    expect(asked.outcome()).toBeUndefined();
    await on.clock.advance(ms(1));
    expect(listed(asked.outcome())).toEqual(['1', '2', '3']);
    expect(listed(ask(on, media).outcome())).toEqual(['1', '2', '3']);
  });

  test("comes with the successor's first list, before the moment is over", async () => {
    const on = await viewedFrom(s02);
    on.around.setOwner(s01);
    const asked = ask(on, media);
    await on.clock.advance(ms(700));
    on.around.setLocal(windowOf(6, 7, s01));
    await on.clock.advance(ms(0));
    expect(listed(asked.outcome())).toEqual(['6', '7']);
  });

  test('on request has a way over each live server, the asked one first', async () => {
    const on = await viewedFrom(s02);
    on.around.live = [s03, s01, s02];
    const answered = ask(on, { kind: 'multivariant', stream: cam }, 'x=1&pathways=1').outcome();
    if (typeof answered !== 'object' || answered.kind !== 'playlist') throw new Error('no playlist');
    const urls = Buffer.from(answered.body)
      .toString()
      .match(/^http.*$/gm);
    expect(urls).toEqual([s01, s03, s02].map((server) => `http://${server}.example:8080/site/cam01/video.m3u8`));
  });
});

describe('a segment', () => {
  const here = { path: '/scratch/a', offset: 0, length: 10, decodeTimes: [] };

  test('is served where its bytes are', async () => {
    const on = await viewedFrom(s02, windowOf(1, 3, s02, { 2: s01 }));
    on.around.locations.set(2, here);
    expect(ask(on, segment(2)).outcome()).toEqual({ kind: 'segment', location: here });
  });

  test('is redirected to its holder with the query and one more hop', async () => {
    const on = await viewedFrom(s02, windowOf(1, 3, s02, { 1: s03 }));
    const asked = ask(on, segment(1), 'token=a%20b&hops=1');
    await on.clock.advance(ms(0));
    expect(asked.outcome()).toEqual({
      kind: 'redirect',
      location: 'http://s03.example:8080/site/cam01/1.m4s?token=a%20b&hops=2',
    });
  });

  test('is not redirected for ever', async () => {
    const on = await viewedFrom(s02);
    const asked = ask(on, segment(2), 'hops=2');
    await on.clock.advance(ms(0));
    expect(asked.outcome()).toBe('too-many-hops');
  });

  test.each([
    ['far behind the list', 7],
    ['far ahead of the list', 26],
  ])('%s is gone', async (_case, number) => {
    const on = await viewedFrom(s02, windowOf(21, 23, s02));
    const asked = ask(on, segment(number));
    await on.clock.advance(ms(0));
    expect(asked.outcome()).toBe('segment-gone');
  });

  test('just ahead of the list is waited for', async () => {
    const on = await viewedFrom(s02);
    const [soon, never] = [ask(on, segment(4)), ask(on, segment(5))];
    await on.clock.advance(ms(500));
    on.around.setRemote(s02, windowOf(1, 4, s02));
    await on.clock.advance(ms(0));
    expect(soon.outcome()).toMatchObject({ kind: 'redirect' });
    await on.clock.advance(ms(1_500));
    expect(never.outcome()).toBe('stream-unavailable');
  });

  test('of a server that left the list a moment ago is still found there', async () => {
    const on = await viewedFrom(s02, windowOf(1, 8, s02));
    on.around.setRemote(s02, windowOf(4, 11, s02));
    await on.clock.advance(ms(0));
    const asked = ask(on, segment(1));
    await on.clock.advance(ms(0));
    expect(asked.outcome()).toMatchObject({ kind: 'redirect' });
  });

  test('of a dead server sends nobody there, and ends in a status that players retry', async () => {
    const on = await viewedFrom(s02);
    on.around.setRemote(s02, undefined);
    await on.clock.advance(ms(0));
    const asked = ask(on, segment(3));
    await on.clock.advance(ms(7_000));
    expect(asked.outcome()).toBeUndefined();
    on.around.down.add(s02);
    on.around.setOwner(s01);
    await on.clock.advance(ms(1_000));
    expect(asked.outcome()).toBe('stream-unavailable');
  });

  test('of a server that shows no sign of life sends nobody there until it comes to itself', async () => {
    const on = await viewedFrom(s02);
    on.around.silent.add(s02);
    const [first, second] = [ask(on, segment(2)), ask(on, segment(3))];
    await on.clock.advance(ms(3_000));
    expect([first.outcome(), second.outcome()]).toEqual([undefined, undefined]);
    on.around.silent.delete(s02);
    await on.clock.advance(ms(500));
    expect([first.outcome(), second.outcome()]).toMatchObject([{ kind: 'redirect' }, { kind: 'redirect' }]);
  });

  test('of a server that shows no sign of life is given up with the takeover, or at the end of the hold', async () => {
    const on = await viewedFrom(s02);
    on.around.silent.add(s02);
    const early = ask(on, segment(3));
    await on.clock.advance(ms(8_000));
    expect(early.outcome()).toBe('stream-unavailable');
    const late = ask(on, segment(3));
    on.around.down.add(s02);
    on.around.setOwner(s01);
    on.around.setLocal(windowOf(9, 10, s01));
    await on.clock.advance(ms(0));
    expect(late.outcome()).toBe('stream-unavailable');
  });

  test('of a dead server is waited for no longer than until the successor has a list', async () => {
    const on = await viewedFrom(s02);
    on.around.down.add(s02);
    on.around.setOwner(s01);
    const asked = ask(on, segment(3));
    await on.clock.advance(ms(3_000));
    expect(asked.outcome()).toBeUndefined();
    on.around.setLocal(windowOf(6, 7, s01));
    await on.clock.advance(ms(0));
    expect(asked.outcome()).toBe('stream-unavailable');
    expect(ask(on, segment(3)).outcome()).toBe('stream-unavailable');
  });

  test('that died with an earlier life of this server ends in a status that players retry', async () => {
    const on = bench();
    on.around.setOwner(s01);
    const asked = ask(on, segment(3));
    await on.clock.advance(ms(3_000));
    expect(asked.outcome()).toBeUndefined();
    on.around.setLocal(windowOf(6, 7, s01));
    await on.clock.advance(ms(0));
    expect(asked.outcome()).toBe('stream-unavailable');
  });

  test('is found through the owner when nobody viewed the stream here before', async () => {
    const on = bench();
    on.around.setOwner(s02);
    on.around.setRemote(s02, windowOf(1, 3, s02));
    const asked = ask(on, segment(3));
    await on.clock.advance(ms(0));
    expect(asked.outcome()).toMatchObject({ kind: 'redirect' });
  });
});

describe('a server that a firewall cuts off from the owner', () => {
  /** Behind it since a moment ago; s03 hears both. */
  async function cutOff(): Promise<Bench> {
    const on = await viewedFrom(s02);
    on.around.cutOff.add(s02);
    on.around.setRemote(s02, windowOf(1, 4, s02));
    await on.clock.advance(ms(1_000));
    return on;
  }

  test("follows the owner's list by another server that reaches it", async () => {
    const on = await cutOff();
    expect(listed(ask(on, media).outcome())).toEqual(['1', '2', '3', '4']);
    on.around.setRemote(s02, windowOf(1, 5, s02));
    await on.clock.advance(ms(0));
    expect(listed(ask(on, media).outcome())).toEqual(['1', '2', '3', '4', '5']);
    expect(on.around.polls.at(-1)).toMatchObject({ owner: s02, by: s03 });
  });

  test('sends viewers of segments to that other server, which counts the hop', async () => {
    const on = await cutOff();
    const asked = ask(on, segment(4), 'x=1');
    await on.clock.advance(ms(0));
    expect(asked.outcome()).toEqual({
      kind: 'redirect',
      location: 'http://s03.example:8080/site/cam01/4.m4s?x=1&hops=1',
    });
  });

  test('asks the owner itself again as soon as that answers', async () => {
    const on = await cutOff();
    on.around.cutOff.delete(s02);
    for (const last of [5, 6, 7]) {
      on.around.setRemote(s02, windowOf(1, last, s02));
      await on.clock.advance(ms(1_000));
    }
    expect(listed(ask(on, media).outcome())).toHaveLength(7);
    expect(on.around.polls.at(-1)?.by).toBeUndefined();
  });

  test('and from all who reach it: repeats the list for a minute, then says that it has none', async () => {
    const on = await cutOff();
    on.around.live = [s01, s02];
    on.around.setRemote(s02, undefined);
    await on.clock.advance(ms(1_000));
    const asked = ask(on, media);
    await on.clock.advance(ms(58_500));
    expect(listed(asked.outcome())).toEqual(['1', '2', '3', '4']);
    expect(ask(on, { kind: 'multivariant', stream: cam }).outcome()).toMatchObject({ kind: 'playlist' });
    await on.clock.advance(ms(500));
    for (const kind of ['media', 'multivariant'] as const) {
      expect(ask(on, { kind, stream: cam }).outcome()).toBe('stream-unavailable');
    }
    on.around.cutOff.clear();
    on.around.setRemote(s02, windowOf(30, 33, s02));
    await on.clock.advance(ms(2_000));
    expect(listed(ask(on, media).outcome())).toEqual(['30', '31', '32', '33']);
  });

  test.each([
    ['repeats it for as long as nobody captures the stream', false, ['1', '2', '3', '4']],
    ['has none after a minute in a minority, for others may capture the stream', true, ['stream-unavailable']],
  ])('%s', async (_case, minority, expected) => {
    const on = await cutOff();
    on.around.minority = minority;
    on.around.setOwner(undefined);
    await on.clock.advance(ms(30_000));
    ask(on, media);
    await on.clock.advance(ms(30_000));
    const asked = ask(on, media);
    await on.clock.advance(ms(8_000));
    expect(listed(asked.outcome())).toEqual(expected);
  });
});

describe('an init segment', () => {
  test('is served by every server', async () => {
    const on = bench();
    on.around.setOwner(s02);
    on.around.setRemote(s02, windowOf(1, 3, s02));
    const [known, unknown] = [
      ask(on, { kind: 'init', stream: cam, init: 'abc' }),
      ask(on, { kind: 'init', stream: cam, init: 'ff' }),
    ];
    await on.clock.advance(ms(0));
    const answered = known.outcome();
    expect(typeof answered === 'object' && answered.kind === 'init' && Buffer.from(answered.body).toString()).toBe(
      'ftypmoov',
    );
    expect(unknown.outcome()).toBe('segment-gone');
  });
});
