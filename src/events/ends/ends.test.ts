import { describe, expect, test } from 'vitest';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import type { CallOutcome, PeerCall } from '../../group/peer-client.ts';
import { incarnation, type ServerName, serverName, streamName } from '../../units/ids.ts';
import { type Ticks, ticks } from '../../units/ticks.ts';
import { instant } from '../../units/time.ts';
import { Ends } from './ends.ts';
import { keptEndsPath, ownEndsPath, reportEndsPath, seenEndsPath } from './ends-service.ts';
import type { KeptEnd } from './kept-ends.ts';
import { ReportedEnds } from './reported-ends.ts';

const [cam, gate, hall] = [streamName('cam'), streamName('gate'), streamName('hall')];
const [a, b, c] = [serverName('a'), serverName('b'), serverName('c')];

interface Facts {
  /** It is asked, but does not answer. */
  readonly silent?: boolean;
  readonly dead?: boolean;
  readonly own?: number;
  /** The end of the newest segment that it saw at others; each lasts two. */
  readonly seen?: Partial<Record<ServerName, number>>;
  readonly kept?: KeptEnd;
}

/** 90 kHz. */
const now = 1_000;
const ahead = now + 60 * 90_000 + 1;

/** Server a, which asks, and the others behind the peers' protocol; who has no facts is not heard. What was seen of a life is its end. */
function asking(facts: Partial<Record<ServerName, Facts>>, unknown: readonly ServerName[] = []) {
  const clock = new ManualClock();
  const calls: PeerCall[] = [];
  const endsOf = (server: ServerName): Ends => {
    const { own, seen, kept } = facts[server] ?? {};
    return new Ends({
      self: server,
      clock,
      now: () => ticks(now),
      client: () => ({ call: (called) => call(server, called) }),
      peers: () => [a, b, c].filter((peer) => peer !== server && facts[peer] !== undefined && !facts[peer].dead),
      own: () => end(own),
      seen: (_, of) => {
        const at = seen?.[of];
        return at === undefined ? undefined : { start: ticks(at - 2), end: ticks(at) };
      },
      reported,
      past: {
        isDead: (of) => facts[of]?.dead === true,
        over: (of) => (unknown.includes(of) ? undefined : instant(0)),
        of: (_, __, newest) => newest?.end,
      },
      known: { of: () => kept, ofOwnPast: () => (kept?.server === server ? kept.end : undefined) },
    });
  };
  const reported = new ReportedEnds({ isServer: () => true, isStream: (name) => name !== hall });
  const call = async (from: ServerName, called: PeerCall): Promise<CallOutcome> => {
    calls.push(called);
    const { peer, body, path } = called;
    const there = facts[peer];
    const handler = endsOf(peer).handlers[path];
    if (there === undefined || there.silent || there.dead || handler === undefined)
      return { ok: false, reason: 'timeout' };
    const gone = new AbortController().signal;
    const reply = await handler({ from, fromLife: incarnation(1), body, gone });
    const text: unknown = JSON.parse(JSON.stringify(reply.body));
    const times = { sentAt: instant(0), answeredAt: instant(0) };
    return { ok: true, status: reply.status, body: text, life: incarnation(1), ...times };
  };
  return { ends: endsOf(a), clock, calls, reported };
}

/** What was asked of whom. */
const asked = (calls: readonly PeerCall[]) => calls.map(({ peer, path, body }) => [peer, path.split('/').at(-1), body]);

const end = (value: number | undefined): Ticks | undefined => (value === undefined ? undefined : ticks(value));
const kept = (server: ServerName, at: number): KeptEnd => ({ server, end: ticks(at) });

/** Questions are gathered for a moment, and there may be one behind another. */
async function gathered<T>(clock: ManualClock, answer: Promise<T>): Promise<T> {
  await clock.advance(ms(200));
  await clock.advance(ms(200));
  return answer;
}

describe('where a timeline ended', () => {
  test.each<[string, Partial<Record<ServerName, Facts>>, number | undefined]>([
    ['is what its server tells', { [a]: { seen: { [b]: 7 } }, [b]: { own: 9 } }, 9],
    [
      'is what was seen of its life before, when the present one has not published',
      { [a]: { seen: { [b]: 7 } }, [b]: {} },
      7,
    ],
    [
      'is the newest that anybody saw of it when it is dead',
      { [a]: { seen: { [b]: 7 } }, [b]: { dead: true }, [c]: { seen: { [b]: 8, [a]: 99 } } },
      8,
    ],
    [
      'is not known when it lives and does not answer: what others saw may be of its life before',
      { [a]: { seen: { [b]: 7 } }, [b]: { silent: true }, [c]: { seen: { [b]: 8 } } },
      undefined,
    ],
    ['is not known when nobody saw it', { [a]: {}, [b]: { dead: true }, [c]: {} }, undefined],
    ['is not what lies ahead of the clock', { [a]: {}, [b]: { own: ahead } }, undefined],
    [
      'is not what was seen ahead of the clock',
      { [a]: { seen: { [b]: ahead } }, [b]: { dead: true }, [c]: { seen: { [b]: ahead } } },
      undefined,
    ],
  ])('%s', async (_, facts, at) => {
    const { ends, clock } = asking(facts);
    expect(await gathered(clock, ends.at(b, cam))).toBe(at);
  });

  test('is not asked of others about a server whose life before nobody here knows', async () => {
    const { ends, clock, calls } = asking({ [a]: {}, [b]: {}, [c]: { seen: { [b]: 8 } } }, [b]);
    expect(await gathered(clock, ends.at(b, cam))).toBeUndefined();
    expect(asked(calls)).toEqual([[b, 'own', { streams: [cam], of: b }]]);
  });

  test('of all streams of a dead server is one question to each', async () => {
    const { ends, calls, clock } = asking({ [a]: {}, [b]: { dead: true }, [c]: { seen: { [b]: 8 } } });
    const first = ends.at(b, cam);
    // Streams are taken over within a moment, not in one step.
    await clock.advance(ms(100));
    expect(await gathered(clock, Promise.all([first, ends.at(b, gate)]))).toEqual([8, 8]);
    expect(asked(calls)).toEqual([[c, 'seen', { streams: [cam, gate], of: b }]]);
  });

  test('of all streams that come back from a server is one question to it', async () => {
    const { ends, calls, clock } = asking({ [a]: {}, [b]: { own: 9 }, [c]: {} });
    expect(await gathered(clock, Promise.all([ends.at(b, cam), ends.at(b, gate)]))).toEqual([9, 9]);
    expect(asked(calls)).toEqual([[b, 'own', { streams: [cam, gate], of: b }]]);
  });

  test("in one's own life before is the latest that two peers know or it kept itself, one question for all streams", async () => {
    const facts = { [a]: {}, [b]: { seen: { [a]: 5 } }, [c]: { seen: { [a]: 6, [b]: 99 } } };
    const { ends, clock, calls } = asking(facts);
    expect(await gathered(clock, Promise.all([ends.ofOwnPast(cam), ends.ofOwnPast(gate)]))).toEqual([6, 6]);
    expect(asked(calls)).toEqual([b, c].map((peer) => [peer, 'past', { streams: [cam, gate] }]));
    const keeping = asking({ ...facts, [a]: { kept: kept(a, 7) } });
    expect(await gathered(keeping.clock, keeping.ends.ofOwnPast(cam))).toBe(7);
    const unseen = asking({ [a]: {}, [b]: {} });
    expect(await gathered(unseen.clock, unseen.ends.ofOwnPast(cam))).toBeUndefined();
  });

  test.each<[string, string, unknown]>([
    ['streams that are none', ownEndsPath, { streams: 7 }],
    ['no question', keptEndsPath, null],
    ['nobody', seenEndsPath, { streams: [cam] }],
    ['a report of nothing', reportEndsPath, { newest: null }],
  ])('is not told for %s', async (_, path, body) => {
    const gone = new AbortController().signal;
    const reply = await asking({}).ends.handlers[path]?.({ from: b, fromLife: incarnation(1), body, gone });
    expect(reply).toMatchObject({ status: 400 });
  });
});

test('what a server reports of itself is known behind its death, by two others, for as long as it is configured', async () => {
  const { ends, calls, clock, reported } = asking({ [a]: {}, [b]: {}, [c]: {} });
  await ends.report(new Map());
  await ends.report(new Map([[cam, { start: ticks(5), end: ticks(7) }]]));
  expect(calls.map(({ peer }) => peer)).toEqual([b, c]);
  const gone = new AbortController().signal;
  const told = { from: b, fromLife: incarnation(1), gone };
  const newest = { cam: { start: 5, end: 7 }, gate: { start: 'x' }, hall: { start: 5, end: 7 } };
  await ends.handlers[reportEndsPath]?.({ ...told, body: { newest } });
  expect(await gathered(clock, ends.ofPast(b, cam))).toBe(7);
  expect(await gathered(clock, ends.ofPast(b, gate))).toBeUndefined();
  expect(reported.lastAt(b)).toBe(0);
  expect(reported.newest(hall, b)).toBeUndefined();
  const seen = await ends.handlers[seenEndsPath]?.({ ...told, body: { streams: ['cam', 'gate'], of: 'b' } });
  expect(seen?.body).toEqual({ ends: { cam: { start: 5, end: 7 } } });
});

describe('who had a stream last, when nobody has it', () => {
  test.each<[string, Partial<Record<ServerName, Facts>>, unknown]>([
    ['nobody knows', { [a]: {}, [b]: {} }, undefined],
    [
      'this server itself',
      { [a]: { kept: kept(a, 9) }, [b]: { kept: kept(b, 5) } },
      { ...kept(a, 9), isOwnWord: true },
    ],
    [
      'a peer, which knows best itself',
      { [a]: { kept: kept(b, 9) }, [b]: { kept: kept(b, 8) } },
      { ...kept(b, 8), isOwnWord: true },
    ],
    [
      'one that is not back, as another kept',
      { [a]: {}, [b]: { kept: kept(c, 8) } },
      { ...kept(c, 8), isOwnWord: false },
    ],
    ['who ran ahead of the clock', { [a]: {}, [b]: { kept: kept(b, ahead) } }, undefined],
  ])('%s', async (_, facts, last) => {
    const { ends, clock } = asking(facts);
    expect(await gathered(clock, ends.last(cam))).toEqual(last);
  });

  test('is asked once for the streams of a moment', async () => {
    const { ends, clock, calls } = asking({ [a]: {}, [b]: {}, [c]: {} });
    const first = ends.last(cam);
    await clock.advance(ms(100));
    await gathered(clock, Promise.all([first, ends.last(gate)]));
    expect(asked(calls)).toEqual([b, c].map((peer) => [peer, 'kept', { streams: [cam, gate] }]));
  });
});
