import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { nodeHmac } from '../adapters/hmac.ts';
import { incarnation, serverName } from '../units/ids.ts';
import { instant, millis } from '../units/time.ts';
import { PeerClient, type Rejection } from './peer-client.ts';
import { PeerGate, type Refusal } from './peer-gate.ts';
import { peerHeaders } from './peer-headers.ts';
import type { PeerHttp, PeerOutcome, PeerPost } from './peer-http.ts';
import { PeerService } from './peer-service.ts';
import { Signer } from './signature.ts';

const [a, b, c] = [serverName('a'), serverName('b'), serverName('c')];

/** Server b with an echo, server a that speaks to it, and a wire between them that tests tap. */
function group(options: { keyOfA?: string; keyOfB?: string; tamper?: (post: PeerPost) => PeerPost } = {}) {
  const clock = new ManualClock();
  const posts: PeerPost[] = [];
  const answers: PeerOutcome[] = [];
  const refusals: Refusal[] = [];
  let life = 7;
  const rejections: Rejection[] = [];
  const newGate = () =>
    new PeerGate({
      hmac: nodeHmac,
      signer: new Signer(nodeHmac, options.keyOfB ?? 'secret'),
      self: b,
      life: incarnation(life),
      staleTimeout: (name) => (name === a || name === c ? millis(10_000) : undefined),
      now: () => clock.monotonic(),
    });
  let gate = newGate();
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const service = new PeerService({
    gate: () => gate,
    handlers: {
      '/peer/v1/echo': async ({ from, body }) => {
        if (body === 'wait') await held;
        return { status: 200, body: { from, body } };
      },
    },
    onRefused: (why) => refusals.push(why),
  });
  const deliver = async (post: PeerPost): Promise<PeerOutcome> => {
    const reply = await service.handle(
      {
        method: 'POST',
        path: post.path,
        headers: (name) => post.headers[name],
        bodyLength: post.body.length,
        body: post.body,
      },
      new AbortController().signal,
    );
    const outcome: PeerOutcome = {
      ok: true,
      ...reply,
      headers: (name) => reply.headers[name],
      sentAt: instant(0),
      answeredAt: instant(0),
    };
    answers.push(outcome);
    return outcome;
  };
  let onWire: (post: PeerPost) => Promise<PeerOutcome> = deliver;
  const http: PeerHttp = {
    post: (post) => {
      posts.push(post);
      return onWire(options.tamper === undefined ? post : options.tamper(post));
    },
  };
  const clientOf = (self: typeof a, to: typeof b) => {
    const client = new PeerClient({
      clock,
      hmac: nodeHmac,
      http,
      signer: new Signer(nodeHmac, options.keyOfA ?? 'secret'),
      self,
      life: incarnation(3),
      address: () => ({ host: 'localhost', port: 1 }),
      onRejected: (_, why) => rejections.push(why),
    });
    return (body: unknown) =>
      client.call({
        peer: to,
        path: '/peer/v1/echo',
        body,
        within: millis(1000),
        signal: new AbortController().signal,
      });
  };
  return {
    clock,
    call: clientOf(a, b),
    deliver,
    posts,
    rejections,
    answers,
    refusals,
    /** Answers what waits. */
    release: () => release(),
    restart: () => {
      life++;
      gate = newGate();
    },
    setWire: (wire: typeof deliver) => {
      onWire = wire;
    },
  };
}

const last = <T>(list: readonly T[]): T => {
  const value = list.at(-1);
  if (value === undefined) throw new Error('nothing there');
  return value;
};

describe('trust between peers', () => {
  it('learns the challenge at first contact and keeps it', async () => {
    const { call, posts } = group();
    expect(await call('hi')).toMatchObject({ ok: true, body: { from: 'a', body: 'hi' }, life: 7 });
    expect(posts).toHaveLength(2);
    await call('again');
    expect(posts).toHaveLength(3);
  });

  it('gives out a new challenge before the old one is stale, so that a peer which polls is never sent back', async () => {
    const { call, clock, posts } = group();
    for (let i = 0; i < 100; i++) {
      expect(await call(i)).toMatchObject({ ok: true });
      await clock.advance(millis(3_000));
    }
    expect(posts).toHaveLength(101);
    expect(new Set(posts.map((post) => post.headers[peerHeaders.challenge])).size).toBeGreaterThan(40);
  });

  it('takes no word for fresh that a network held back for stale_timeout: its sender may be dead', async () => {
    const { call, clock, deliver, posts, setWire } = group();
    await call('hi');
    setWire(() => new Promise(() => {}));
    void call('the last word');
    await clock.advance(millis(10_001));
    expect(await deliver(last(posts))).toMatchObject({ status: 403 });
  });

  it('never puts the key on the wire', async () => {
    const { call, posts } = group();
    await call('hi');
    const wire = posts.map((post) => JSON.stringify(post.headers) + new TextDecoder().decode(post.body)).join();
    expect(wire).not.toContain('secret');
    expect(wire).not.toContain(Buffer.from('secret').toString('hex'));
  });

  it('refuses another key, both ways', async () => {
    const { call, posts, rejections } = group({ keyOfA: 'other' });
    expect(await call('hi')).toEqual({ ok: false, reason: 'rejected' });
    expect(rejections).toEqual(['other-key']);
    // The refusal is not signed with a's key, so a does not even repeat the request.
    expect(posts).toHaveLength(1);
  });

  it.each<[string, number, Record<string, string>]>([
    ['a proxy whose server is dead', 502, { server: 'nginx' }],
    ['a proxy that lets nobody in', 403, { server: 'nginx' }],
    ['a server that has another name', 403, { [peerHeaders.from]: 'c', [peerHeaders.signature]: 'f'.repeat(64) }],
  ])('takes %s for no peer, and not for one with another key', async (_, status, headers) => {
    const { call, rejections, setWire } = group();
    await call('first contact');
    const answer = { ok: true, status, body: new Uint8Array(0), sentAt: instant(0), answeredAt: instant(0) } as const;
    setWire(async () => ({ ...answer, headers: (name) => headers[name] }));
    expect(await call('hi')).toEqual({ ok: false, reason: 'rejected' });
    expect(rejections).toEqual(['no-peer']);
  });

  it('refuses a request that came before, within one life of the challenge', async () => {
    const { call, deliver, posts, refusals } = group();
    await call('hi');
    const replayed = await deliver(last(posts));
    expect(replayed).toMatchObject({ ok: true, status: 403 });
    expect(refusals).toEqual(['replay']);
  });

  it('refuses a replay after the receiver lives anew', async () => {
    const { call, deliver, posts, restart } = group();
    await call('hi');
    restart();
    expect(await deliver(last(posts))).toMatchObject({ status: 403 });
    expect(await call('hi')).toMatchObject({ ok: true, life: 8 });
  });

  it.each<[string, (post: PeerPost) => PeerPost, Refusal]>([
    ['body', (post) => ({ ...post, body: new TextEncoder().encode('"ho"') }), 'signature'],
    ['longer body', (post) => ({ ...post, body: new TextEncoder().encode('"hiho"') }), 'signature'],
    ['digest', (post) => withHeader(post, peerHeaders.bodyDigest, '0'.repeat(64)), 'signature'],
    ['unknown sender', (post) => withHeader(post, peerHeaders.from, 'x'), 'unknown-peer'],
    ['recipient', (post) => withHeader(post, peerHeaders.to, 'c'), 'misdirected'],
    ['sender life', (post) => withHeader(post, peerHeaders.fromLife, '4'), 'signature'],
    ['nonce', (post) => withHeader(post, peerHeaders.nonce, 'f'.repeat(32)), 'signature'],
    ['path', (post) => ({ ...post, path: '/peer/v1/hello' }), 'signature'],
    ['signature', (post) => withHeader(post, peerHeaders.signature, 'zz'), 'signature'],
  ])('refuses an altered %s', async (_, alter, why) => {
    const { call, deliver, posts, refusals, setWire } = group();
    await call('first contact');
    setWire((post) => deliver(alter(post)));
    const outcome = await call('hi');
    expect(posts.length).toBeGreaterThan(2);
    expect(outcome).toEqual({ ok: false, reason: 'rejected' });
    expect(refusals).toContain(why);
  });

  it('gives the challenge of the named sender only to the named sender', async () => {
    const { call, deliver, setWire } = group();
    await call('first contact');
    setWire((post) => deliver(withHeader(post, peerHeaders.from, 'c')));
    expect(await call('hi')).toEqual({ ok: false, reason: 'rejected' });
  });

  it('believes no answer that was altered or belongs to another request', async () => {
    const { call, deliver, answers, setWire } = group();
    await call('hi');
    const old = last(answers);
    setWire(() => Promise.resolve(old));
    expect(await call('hi')).toEqual({ ok: false, reason: 'rejected' });
    setWire(async (post) => {
      const answer = await deliver(post);
      return answer.ok ? { ...answer, body: new TextEncoder().encode('{"from":"a","body":"lie"}') } : answer;
    });
    expect(await call('hi')).toEqual({ ok: false, reason: 'rejected' });
  });

  it('unlearns nothing by an answer that was held since the life before', async () => {
    const { call, posts, release, restart } = group();
    await call('first contact');
    const waiting = call('wait');
    restart();
    await call('hi');
    release();
    expect(await waiting).toMatchObject({ ok: true, life: 7 });
    const before = posts.length;
    expect(await call('again')).toMatchObject({ ok: true, life: 8 });
    expect(posts).toHaveLength(before + 1);
  });

  it('takes a peer that begins a life with every request for one that broke off, not for a stranger', async () => {
    const { call, deliver, restart, rejections, setWire } = group();
    setWire((post) => {
      restart();
      return deliver(post);
    });
    expect(await call('hi')).toEqual({ ok: false, reason: 'reset' });
    expect(rejections).toEqual([]);
  });

  it('goes on through many turns of the challenge, with requests under way at each', async () => {
    const { call } = group();
    await call('first');
    for (let round = 0; round < 40; round++) {
      const outcomes = await Promise.all(Array.from({ length: 50 }, (_, i) => call(i)));
      expect(outcomes.every((outcome) => outcome.ok)).toBe(true);
    }
  });
});

function withHeader(post: PeerPost, name: string, value: string): PeerPost {
  return { ...post, headers: { ...post.headers, [name]: value } };
}
