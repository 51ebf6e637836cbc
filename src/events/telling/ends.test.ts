import { describe, expect, test } from 'vitest';
import type { CallOutcome, PeerCall } from '../../group/peer-client.ts';
import { incarnation, type ServerName, type StreamName, serverName, streamName } from '../../units/ids.ts';
import { type Ticks, ticks } from '../../units/ticks.ts';
import { instant } from '../../units/time.ts';
import { Ends } from './ends.ts';

const cam = streamName('cam');
const [a, b, c] = [serverName('a'), serverName('b'), serverName('c')];

type Facts = { readonly own?: number; readonly past?: Partial<Record<ServerName, number>> };

/** Server a, which asks, and the others behind the peers' protocol; who has no facts does not answer. */
function asking(facts: Partial<Record<ServerName, Facts>>): Ends {
  const endsOf = (server: ServerName): Ends => {
    const { own, past } = facts[server] ?? {};
    const end = (value: number | undefined): Ticks | undefined => (value === undefined ? undefined : ticks(value));
    return new Ends({
      client: () => ({ call: (called) => call(server, called) }),
      own: () => end(own),
      ofPast: (_: StreamName, of) => end(past?.[of]),
    });
  };
  const call = async (from: ServerName, { peer, body }: PeerCall): Promise<CallOutcome> => {
    if (facts[peer] === undefined) return { ok: false, reason: 'timeout' };
    const gone = new AbortController().signal;
    const reply = await endsOf(peer).handler({ from, fromLife: incarnation(1), body, gone });
    return { ok: true, ...reply, life: incarnation(1), sentAt: instant(0), answeredAt: instant(0) };
  };
  return endsOf(a);
}

describe('where a timeline ended', () => {
  test.each<[string, Partial<Record<ServerName, Facts>>, number | undefined]>([
    ['is what its server tells', { [a]: { past: { [b]: 7 } }, [b]: { own: 9 } }, 9],
    [
      'is what is known of its life before, when the present one has not published',
      { [a]: { past: { [b]: 7 } }, [b]: {} },
      7,
    ],
    ['is not known when its server does not answer, nor ever lived before', { [a]: {} }, undefined],
  ])('%s', async (_, facts, end) => {
    expect(await asking(facts).at(b, cam)).toBe(end);
  });

  test("in one's own life before is the latest that peers know", async () => {
    const facts = { [b]: { past: { [a]: 5 } }, [c]: { past: { [a]: 6, [b]: 99 } } };
    expect(await asking(facts).ofOwnPast(cam, [b, c, serverName('silent')])).toBe(6);
    expect(await asking({ [b]: {} }).ofOwnPast(cam, [b])).toBeUndefined();
  });

  test('is not told for a stranger question', async () => {
    const gone = new AbortController().signal;
    expect(await asking({}).handler({ from: b, fromLife: incarnation(1), body: { stream: 7 }, gone })).toMatchObject({
      status: 400,
    });
    expect(await asking({}).handler({ from: b, fromLife: incarnation(1), body: null, gone })).toMatchObject({
      status: 400,
    });
  });
});
