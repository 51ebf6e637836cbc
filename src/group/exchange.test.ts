import { describe, expect, it } from 'vitest';
import type { Event } from '../cluster/step/event.ts';
import { incarnation, serverName } from '../units/ids.ts';
import { instant, millis } from '../units/time.ts';
import { Exchange } from './exchange.ts';
import type { CallOutcome, PeerClient } from './peer-client.ts';

const [a, b] = [serverName('a'), serverName('b')];
const status = { settled: true, draining: false, leaving: false, penalized: false, minority: false, digest: 'd' };
const message = {
  state: { server: b, incarnation: 2, status, revision: 1, standings: [] },
  waitMs: 0,
  heard: [],
  wants: [],
  relays: [],
  had: [],
};

function exchange(answer: Promise<CallOutcome> | CallOutcome = { ok: false, reason: 'refused' }) {
  const events: Event[] = [];
  const heard: unknown[] = [];
  const made = new Exchange({
    client: () => ({ call: async () => answer }) as unknown as PeerClient,
    post: (event) => events.push(event),
    clocks: {
      now: () => instant(7),
      reading: (at) => ({ receivedMs: at }),
      heard: (_, reading) => heard.push(reading),
    },
  });
  const ask = (path: string, body: unknown, gone = new AbortController().signal) =>
    made.handlers[path]?.({ from: b, fromLife: incarnation(2), body, gone });
  return { made, events, heard, ask };
}

const answered = (body: unknown, code = 200): CallOutcome => ({
  ok: true,
  status: code,
  body,
  life: incarnation(2),
  sentAt: instant(0),
  answeredAt: instant(1),
});
const poll = { type: 'poll', peer: b, poll: 1, message: {} as never, within: millis(1), fresh: false } as const;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the exchange with a peer of an adjacent version', () => {
  it('ignores what it does not know, in requests and answers', async () => {
    const { events, ask } = exchange();
    void ask('/peer/v1/exchange', { message: { ...message, mood: 'good' }, weather: 'fine' });
    expect(events).toMatchObject([{ type: 'request', from: b }]);
    const answering = exchange(answered({ message: { ...message, mood: 'good' }, weather: 'fine' }));
    answering.made.poll(poll);
    await turn();
    expect(answering.events).toMatchObject([{ type: 'answer', peer: b, poll: 1 }]);
  });

  it('does without what it does not get', async () => {
    const { made, events, heard } = exchange(answered({ message: { state: message.state } }));
    made.poll(poll);
    await turn();
    expect(events).toMatchObject([{ type: 'answer' }]);
    expect(heard).toEqual([undefined]);
  });
});

describe('the exchange', () => {
  it('tells its clocks with the answer, from the moment the request came', async () => {
    const { made, ask } = exchange();
    const reply = ask('/peer/v1/exchange', { message });
    made.reply({ type: 'reply', reply: 1, message: {} as never });
    expect(await reply).toEqual({ status: 200, body: { message: {}, clock: { receivedMs: 7 } } });
  });

  it.each([
    ['no message', {}],
    ['no object', 5],
    ['a message of another server', { message: { ...message, state: { ...message.state, server: a } } }],
    ['a torn message', { message: { state: { server: b } } }],
  ])('refuses %s, and the core hears nothing of it', async (_, body) => {
    const { events, ask } = exchange();
    expect((await ask('/peer/v1/exchange', body))?.status).toBe(400);
    expect(events).toEqual([]);
  });

  it.each([
    ['speaks for another', answered({ message: { ...message, state: { ...message.state, server: a } } })],
    ['has no message', answered({})],
    ['could not answer', answered({ message }, 503)],
  ])('takes a peer that %s for one that broke off', async (_, outcome) => {
    const { made, events } = exchange(outcome);
    made.poll(poll);
    await turn();
    expect(events).toMatchObject([{ type: 'poll-failed', reason: 'reset' }]);
  });

  it('reports nothing after a reset: neither polls, probes nor requests', async () => {
    let answer: (outcome: CallOutcome) => void = () => {};
    const { made, events, ask } = exchange(
      new Promise((resolve) => {
        answer = resolve;
      }),
    );
    const parked = ask('/peer/v1/exchange', { message });
    made.poll(poll);
    made.probe({ type: 'probe', target: b, probe: 1, within: millis(1) });
    events.length = 0;
    made.reset();
    answer(answered({ message }));
    await turn();
    expect((await parked)?.status).toBe(503);
    expect(events).toEqual([]);
  });
});
