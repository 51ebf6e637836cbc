import { describe, expect, test } from 'vitest';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import type { CallOutcome, PeerCall } from '../../group/peer-client.ts';
import { incarnation, type ServerName, serverName, streamName } from '../../units/ids.ts';
import { type Ticks, ticks } from '../../units/ticks.ts';
import { instant } from '../../units/time.ts';
import { Ends } from './ends.ts';
import type { KeptEnd } from './kept-ends.ts';

const [cam, gate] = [streamName('cam'), streamName('gate')];
const [a, b, c] = [serverName('a'), serverName('b'), serverName('c')];

interface Facts {
  readonly own?: number;
  /** The end of the newest segment that it saw at others; each lasts two. */
  readonly seen?: Partial<Record<ServerName, number>>;
  readonly kept?: KeptEnd;
}

/** Server a, which asks, and the others behind the peers' protocol; who has no facts does not answer. What was seen of a life is its end. */
function asking(facts: Partial<Record<ServerName, Facts>>) {
  const clock = new ManualClock();
  const calls: PeerCall[] = [];
  const endsOf = (server: ServerName): Ends => {
    const { own, seen, kept } = facts[server] ?? {};
    return new Ends({
      self: server,
      clock,
      client: () => ({ call: (called) => call(server, called) }),
      peers: () => [a, b, c].filter((peer) => peer !== server),
      own: () => end(own),
      seen: (_, of) => {
        const at = seen?.[of];
        return at === undefined ? undefined : { start: ticks(at - 2), end: ticks(at) };
      },
      ofPast: (_, __, newest) => newest?.end,
      kept: () => kept,
    });
  };
  const call = async (from: ServerName, called: PeerCall): Promise<CallOutcome> => {
    calls.push(called);
    const { peer, body } = called;
    if (facts[peer] === undefined) return { ok: false, reason: 'timeout' };
    const gone = new AbortController().signal;
    const reply = await endsOf(peer).handler({ from, fromLife: incarnation(1), body, gone });
    const text: unknown = JSON.parse(JSON.stringify(reply.body));
    const times = { sentAt: instant(0), answeredAt: instant(0) };
    return { ok: true, status: reply.status, body: text, life: incarnation(1), ...times };
  };
  return { ends: endsOf(a), clock, calls };
}

const end = (value: number | undefined): Ticks | undefined => (value === undefined ? undefined : ticks(value));
const kept = (server: ServerName, at: number): KeptEnd => ({ server, end: ticks(at) });

/** Questions are gathered for a moment. */
async function gathered<T>(clock: ManualClock, answer: Promise<T>): Promise<T> {
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
    ['is the newest that anybody saw of it', { [a]: { seen: { [b]: 7 } }, [c]: { seen: { [b]: 8, [a]: 99 } } }, 8],
    ['is not known when nobody saw it', { [a]: {}, [c]: {} }, undefined],
  ])('%s', async (_, facts, at) => {
    const { ends, clock } = asking(facts);
    expect(await gathered(clock, ends.at(b, cam))).toBe(at);
  });

  test('of all streams of a dead server is one question to each', async () => {
    const { ends, calls, clock } = asking({ [a]: {}, [c]: { seen: { [b]: 8 } } });
    const first = ends.ofPast(b, cam);
    // Streams are taken over within a moment, not in one step.
    await clock.advance(ms(100));
    expect(await gathered(clock, Promise.all([first, ends.ofPast(b, gate)]))).toEqual([8, 8]);
    expect(calls.map(({ peer, body }) => [peer, body])).toEqual([[c, { streams: [cam, gate], of: b }]]);
  });

  test("in one's own life before is the latest that peers know", async () => {
    const facts = { [b]: { seen: { [a]: 5 } }, [c]: { seen: { [a]: 6, [b]: 99 } } };
    expect(await asking(facts).ends.ofOwnPast(cam, [b, c, serverName('silent')])).toBe(6);
    expect(await asking({ [b]: {} }).ends.ofOwnPast(cam, [b])).toBeUndefined();
  });

  test.each<[string, unknown]>([
    ['a stranger question', { stream: 7 }],
    ['none', null],
  ])('is not told for %s', async (_, body) => {
    const gone = new AbortController().signal;
    const reply = await asking({}).ends.handler({ from: b, fromLife: incarnation(1), body, gone });
    expect(reply).toMatchObject({ status: 400 });
  });
});

test('what a server reports of itself is known behind its death, by two others', async () => {
  const { ends, calls, clock } = asking({ [a]: {}, [b]: {}, [c]: {} });
  await ends.report(new Map());
  await ends.report(new Map([[cam, { start: ticks(5), end: ticks(7) }]]));
  expect(calls.map(({ peer }) => peer)).toEqual([b, c]);
  const gone = new AbortController().signal;
  const told = { from: b, fromLife: incarnation(1), gone };
  await ends.handler({ ...told, body: { newest: { cam: { start: 5, end: 7 }, gate: { start: 'x' } } } });
  expect(await gathered(clock, ends.ofPast(b, cam))).toBe(7);
  expect(await gathered(clock, ends.ofPast(b, gate))).toBeUndefined();
  expect(ends.reportedAt(b)).toBe(0);
  expect(ends.reportedAt(c)).toBeUndefined();
  const asked = await ends.handler({ ...told, body: { streams: ['cam', 'gate'], of: 'b' } });
  expect(asked.body).toEqual({ ends: { cam: { start: 5, end: 7 } } });
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
  ])('%s', async (_, facts, last) => {
    const { ends, clock } = asking(facts);
    const asked = ends.last(cam);
    await clock.advance(ms(200));
    expect(await asked).toEqual(last);
  });

  test('is asked once for the streams of a moment', async () => {
    const { ends, clock, calls } = asking({ [a]: {}, [b]: {}, [c]: {} });
    const asked = [ends.last(cam)];
    await clock.advance(ms(100));
    asked.push(ends.last(gate));
    await clock.advance(ms(200));
    await Promise.all(asked);
    expect(calls.map(({ peer, body }) => [peer, body])).toEqual([b, c].map((peer) => [peer, { streams: [cam, gate] }]));
  });
});
