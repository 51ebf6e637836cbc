import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/cluster/message/message.ts';
import type { Event } from '../../src/cluster/step/event.ts';
import type { PeersPort } from '../../src/group/shell.ts';
import { incarnation, type ServerName, serverName } from '../../src/units/ids.ts';
import { millis } from '../../src/units/time.ts';

export const [a, b, c] = [serverName('a'), serverName('b'), serverName('c')];

/** One server as the contract sees it: what its core would be told, and what its core can ask for. */
export interface ContractServer {
  readonly name: ServerName;
  readonly events: readonly Event[];
  readonly peers: PeersPort;
}

/** Two servers that know each other, a third that b does not know, and what can happen to them. */
export interface Rig {
  readonly a: ContractServer;
  readonly b: ContractServer;
  /** In no configuration but its own. */
  readonly stranger: ContractServer;
  /** Until it is so; fails after some seconds. */
  until(isSo: () => boolean): Promise<void>;
  /** Lets so much time pass. */
  pass(ms: number): Promise<void>;
  /** The process of b dies, its machine lives. */
  killB(): Promise<void>;
  /** The process of b stands still, its machine lives. */
  freezeB(): Promise<void>;
  close(): Promise<void>;
}

/** What event.ts and effect.ts promise to the core of its peers, whatever network is below. */
export function peersContract(name: string, makeRig: () => Promise<Rig>): void {
  const test = (what: string, run: (rig: Rig) => Promise<void>): void => {
    it(what, async () => {
      const rig = await makeRig();
      try {
        await run(rig);
      } finally {
        await rig.close();
      }
    });
  };

  describe(`the peers' network, ${name}`, () => {
    test('a poll is parked at the peer until it replies', async (rig) => {
      poll(rig.a, b, 1);
      await rig.until(() => requests(rig.b).length === 1);
      const [request] = requests(rig.b);
      expect(request).toMatchObject({ from: a, message: asJson(messageOf(a)) });
      await rig.pass(50);
      expect(rig.a.events).toEqual([]);
      reply(rig.b, request);
      await rig.until(() => rig.a.events.length === 1);
      expect(rig.a.events[0]).toMatchObject({ type: 'answer', peer: b, poll: 1, message: asJson(messageOf(b)) });
    });

    test('nobody listens: refused', async (rig) => {
      await rig.killB();
      poll(rig.a, b, 1);
      await rig.until(() => rig.a.events.length > 0);
      expect(rig.a.events).toEqual([{ type: 'poll-failed', peer: b, poll: 1, reason: 'refused' }]);
    });

    test('the process dies while the poll is parked: reset, at once', async (rig) => {
      poll(rig.a, b, 1);
      await rig.until(() => requests(rig.b).length === 1);
      await rig.killB();
      await rig.until(() => rig.a.events.length > 0);
      expect(rig.a.events).toEqual([{ type: 'poll-failed', peer: b, poll: 1, reason: 'reset' }]);
    });

    test('no answer in time: timeout at the one, request-gone at the other', async (rig) => {
      poll(rig.a, b, 1, 200);
      await rig.until(() => rig.a.events.length > 0);
      expect(rig.a.events).toEqual([{ type: 'poll-failed', peer: b, poll: 1, reason: 'timeout' }]);
      await rig.until(() => rig.b.events.some((event) => event.type === 'request-gone'));
    });

    test('the process stands still: timeout', async (rig) => {
      await rig.freezeB();
      poll(rig.a, b, 1, 200);
      await rig.until(() => rig.a.events.length > 0);
      expect(rig.a.events).toEqual([{ type: 'poll-failed', peer: b, poll: 1, reason: 'timeout' }]);
    });

    test('a newer poll replaces the older, which reports nothing', async (rig) => {
      poll(rig.a, b, 1);
      await rig.until(() => requests(rig.b).length === 1);
      poll(rig.a, b, 2);
      await rig.until(() => requests(rig.b).length === 2);
      await rig.until(() => rig.b.events.some((event) => event.type === 'request-gone'));
      const [first, second] = requests(rig.b);
      reply(rig.b, first);
      reply(rig.b, second);
      await rig.until(() => rig.a.events.length > 0);
      await rig.pass(50);
      expect(rig.a.events).toMatchObject([{ type: 'answer', poll: 2 }]);
    });

    test('a fresh poll goes through as any other', async (rig) => {
      poll(rig.a, b, 1);
      await rig.until(() => requests(rig.b).length === 1);
      poll(rig.a, b, 2, 5_000, true);
      await rig.until(() => requests(rig.b).length === 2);
      reply(rig.b, requests(rig.b)[1]);
      await rig.until(() => rig.a.events.length > 0);
      expect(rig.a.events).toMatchObject([{ type: 'answer', poll: 2 }]);
    });

    test('a probe finds a process, nobody, or silence', async (rig) => {
      probe(rig.a, b, 1);
      await rig.until(() => rig.a.events.length === 1);
      expect(rig.b.events).toEqual([]);
      await rig.freezeB();
      probe(rig.a, b, 2);
      await rig.until(() => rig.a.events.length === 2);
      await rig.killB();
      probe(rig.a, b, 3);
      await rig.until(() => rig.a.events.length === 3);
      expect(rig.a.events).toEqual([
        { type: 'probe-result', target: b, probe: 1, result: 'answered' },
        { type: 'probe-result', target: b, probe: 2, result: 'silent' },
        { type: 'probe-result', target: b, probe: 3, result: 'refused' },
      ]);
    });

    test('a witness is asked and tells what it found', async (rig) => {
      ask(rig.a, b, 1);
      await rig.until(() => rig.b.events.length === 1);
      const [asked] = rig.b.events;
      expect(asked).toMatchObject({ type: 'probe-request', from: a, target: c });
      const reply = asked?.type === 'probe-request' ? asked.reply : -1;
      rig.b.peers.replyProbe({ type: 'reply-probe', reply, target: c, result: 'refused' });
      await rig.until(() => rig.a.events.length === 1);
      expect(rig.a.events).toEqual([{ type: 'witness-result', witness: b, target: c, ask: 1, result: 'refused' }]);
    });

    test('a witness that is gone is silent', async (rig) => {
      await rig.killB();
      ask(rig.a, b, 1);
      await rig.until(() => rig.a.events.length === 1);
      expect(rig.a.events).toMatchObject([{ type: 'witness-result', result: 'silent' }]);
    });

    test('a stranger is rejected, and the core hears nothing of it', async (rig) => {
      poll(rig.stranger, b, 1);
      await rig.until(() => rig.stranger.events.length === 1);
      expect(rig.stranger.events).toEqual([{ type: 'poll-failed', peer: b, poll: 1, reason: 'rejected' }]);
      expect(rig.b.events).toEqual([]);
    });
  });
}

function poll(from: ContractServer, peer: ServerName, number: number, within = 5_000, fresh = false): void {
  const message = messageOf(from.name);
  from.peers.poll({ type: 'poll', peer, poll: number, message, within: millis(within), fresh });
}

function reply(server: ContractServer, request: Request | undefined): void {
  if (request === undefined) throw new Error('there is no request to reply to');
  server.peers.reply({ type: 'reply', reply: request.reply, message: messageOf(server.name) });
}

function probe(from: ContractServer, target: ServerName, number: number): void {
  from.peers.probe({ type: 'probe', target, probe: number, within: millis(300) });
}

function ask(from: ContractServer, witness: ServerName, number: number): void {
  from.peers.askWitness({ type: 'ask-witness', witness, target: c, ask: number, within: millis(1_000) });
}

type Request = Extract<Event, { type: 'request' }>;

function requests(server: ContractServer): Request[] {
  return server.events.filter((event) => event.type === 'request');
}

function messageOf(server: ServerName): Message {
  return {
    state: {
      server,
      incarnation: incarnation(1),
      status: { settled: true, draining: false, leaving: false, penalized: false, minority: false, digest: 'd' },
      base: undefined,
      revision: 1,
      standings: [],
    },
    known: undefined,
    waitMs: 1_000,
    heard: [],
    wants: [],
    relays: [],
    had: [],
  };
}

/** As it comes out of the wire: what is undefined is absent, or undefined again. */
function asJson(message: Message): unknown {
  return JSON.parse(JSON.stringify(message));
}
