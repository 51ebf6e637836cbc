import { describe, expect, test } from 'vitest';
import { CollectingSink } from '../../../test/support/collecting-sink.ts';
import { cam, type FakeSurroundings, s01, s02, surroundings } from '../../../test/support/fake-delivery.ts';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import { frameTicks, tsChunks } from '../../../test/support/ts-chunks.ts';
import { TsDemuxer } from '../../media/mpegts/demuxer.ts';
import { HoldCount } from '../ports/changes.ts';
import type { MpegtsChunk, RemoteMpegtsRequest } from '../ports/ports.ts';
import { Reach } from '../route/reach.ts';
import { type MpegtsAnswer, MpegtsDelivery } from './mpegts-delivery.ts';
import type { MpegtsSink } from './viewer.ts';

const gop = 10;

interface Bench {
  readonly around: FakeSurroundings;
  readonly clock: ManualClock;
  readonly delivery: MpegtsDelivery;
}

function bench(owner: typeof s01 | 'nobody' = s01): Bench {
  const around = surroundings(s01);
  const clock = new ManualClock();
  around.setOwner(owner === 'nobody' ? undefined : owner);
  const reach = new Reach(around.reach, around.group, clock);
  return { around, clock, delivery: new MpegtsDelivery({ ports: around, clock, holds: new HoldCount(), reach }) };
}

async function ask(on: Bench, query = ''): Promise<{ outcome: () => MpegtsAnswer | string | undefined }> {
  let outcome: MpegtsAnswer | string | undefined;
  const signal = new AbortController().signal;
  on.delivery
    .answer({ target: { kind: 'mpegts', stream: cam }, query, signal: () => signal })
    .then((answer) => (outcome = answer))
    .catch(
      (error: unknown) => (outcome = error instanceof Error && 'code' in error ? String(error.code) : String(error)),
    );
  await on.clock.advance(ms(0));
  return { outcome: () => outcome };
}

/** A viewer that judges what it gets with a demuxer. */
class Judge implements MpegtsSink {
  readonly queuedBytes = 0;
  readonly #sink = new CollectingSink();
  readonly #demuxer = new TsDemuxer(this.#sink);
  closed: string | undefined;

  write(data: Uint8Array): void {
    // In real life the socket reads it before the next chunk comes.
    this.#demuxer.push(Uint8Array.from(data));
  }

  skipped(): void {
    throw new Error('nothing is slow here');
  }

  close(why: string): void {
    this.closed = why;
  }

  /** Numbers of the frames that came, and what was wrong with the stream. */
  verdict(): { frames: number[]; damages: unknown[] } {
    this.#demuxer.flush();
    return { frames: this.#sink.of(0).map((frame) => frame.dts / frameTicks), damages: this.#sink.damages };
  }
}

async function viewing(on: Bench): Promise<{ judge: Judge; leave: () => void }> {
  const outcome = (await ask(on)).outcome();
  if (typeof outcome !== 'object' || outcome.kind !== 'mpegts')
    throw new Error(`no stream: ${JSON.stringify(outcome)}`);
  const judge = new Judge();
  return { judge, leave: outcome.attach(judge) };
}

/** Another server's endless stream, fed by the test. */
class Remote {
  readonly #queue: Uint8Array[] = [];
  #wake: () => void = () => undefined;
  #ended = false;

  push(chunks: readonly MpegtsChunk[]): void {
    this.#queue.push(...chunks.map(({ data }) => data));
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async *open({ signal }: RemoteMpegtsRequest): AsyncGenerator<Uint8Array> {
    signal.addEventListener('abort', () => this.end());
    for (;;) {
      const next = this.#queue.shift();
      if (next !== undefined) yield next;
      else if (this.#ended) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

/** The owner, with one viewer that has had frames 0 to 14. */
async function running(): Promise<Bench & { judge: Judge; leave: () => void; chunks: MpegtsChunk[] }> {
  const on = bench();
  const chunks = tsChunks({ from: 0, to: 60, gop });
  const first = ask(on);
  await on.clock.advance(ms(0));
  for (const chunk of chunks.splice(0, 1)) on.around.chunk(chunk);
  await first;
  const { judge, leave } = await viewing(on);
  for (const chunk of chunks.splice(0, 14)) on.around.chunk(chunk);
  return { ...on, judge, leave, chunks };
}

describe('the owner', () => {
  test('waits for a keyframe before it answers', async () => {
    const on = bench();
    const asked = await ask(on);
    const chunks = tsChunks({ from: 7, to: 12, gop });
    for (const chunk of chunks.splice(0, 3)) on.around.chunk(chunk);
    await on.clock.advance(ms(0));
    expect(asked.outcome()).toBeUndefined();
    for (const chunk of chunks) on.around.chunk(chunk);
    await on.clock.advance(ms(0));
    expect(asked.outcome()).toMatchObject({ kind: 'mpegts' });
  });

  test('answers 503 when no keyframe comes', async () => {
    const on = bench();
    const asked = await ask(on);
    await on.clock.advance(ms(8000));
    expect(asked.outcome()).toBe('stream-unavailable');
    await on.clock.advance(ms(10_000));
    expect(on.around.mpegtsDemand).toBe(0);
  });

  test('starts a second viewer at once with the last keyframe', async () => {
    const on = await running();
    const second = await viewing(on);
    for (const chunk of on.chunks.splice(0, 7)) on.around.chunk(chunk);
    expect(on.judge.verdict()).toEqual({ frames: range(0, 22), damages: [] });
    expect(second.judge.verdict()).toEqual({ frames: range(10, 22), damages: [] });
    expect([on.around.mpegtsDemand, on.delivery.viewers]).toEqual([1, 2]);
  });

  test('stops the muxing some time after the last viewer', async () => {
    const on = await running();
    on.leave();
    expect(on.delivery.viewers).toBe(0);
    await on.clock.advance(ms(9_999));
    expect(on.around.mpegtsDemand).toBe(1);
    await on.clock.advance(ms(1));
    expect(on.around.mpegtsDemand).toBe(0);
  });

  test('ends viewers that it has nothing for', async () => {
    const on = await running();
    await on.clock.advance(ms(29_000));
    expect(on.judge.closed).toBeUndefined();
    await on.clock.advance(ms(1_100));
    expect(on.judge.closed).toBe('ended');
  });

  test('goes on when its capture starts anew', async () => {
    const on = await running();
    for (const chunk of tsChunks({ from: 20, to: 25, gop })) on.around.chunk(chunk);
    expect(on.judge.verdict()).toEqual({ frames: [...range(0, 15), ...range(20, 25)], damages: [] });
  });
});

describe('a former owner', () => {
  test('relays to the viewers that it has: not a frame is lost, repeated or miscounted', async () => {
    const on = await running();
    const remote = new Remote();
    on.around.remoteMpegts = (request) => Promise.resolve(remote.open(request));
    remote.push(tsChunks({ from: 10, to: 28, gop }));
    on.around.setOwner(s02);
    await on.clock.advance(ms(10));
    remote.push(tsChunks({ from: 28, to: 45, gop }));
    await on.clock.advance(ms(1000));
    // The last frame is known to be whole when the next one begins.
    expect(on.judge.verdict()).toEqual({ frames: range(0, 44), damages: [] });
    expect(on.around.relays).toMatchObject([{ owner: s02, hops: 3 }]);
  });

  test('goes on without a loss when the relay breaks', async () => {
    const on = await running();
    const remotes = [new Remote(), new Remote()];
    on.around.remoteMpegts = (request) =>
      Promise.resolve((remotes[on.around.relays.length - 1] ?? new Remote()).open(request));
    remotes[0]?.push(tsChunks({ from: 10, to: 36, gop }));
    on.around.setOwner(s02);
    await on.clock.advance(ms(1000));
    remotes[0]?.end();
    remotes[1]?.push(tsChunks({ from: 30, to: 52, gop }));
    await on.clock.advance(ms(2000));
    expect(on.judge.verdict()).toEqual({ frames: range(0, 51), damages: [] });
  });

  test('notices an owner that has gone without closing the connection by half of source_timeout of silence', async () => {
    const on = await running();
    const remotes = [new Remote(), new Remote()];
    on.around.remoteMpegts = (request) =>
      Promise.resolve((remotes[on.around.relays.length - 1] ?? new Remote()).open(request));
    remotes[0]?.push(tsChunks({ from: 10, to: 36, gop }));
    on.around.setOwner(s02);
    await on.clock.advance(ms(4_999));
    expect(on.around.relays).toHaveLength(1);
    remotes[1]?.push(tsChunks({ from: 30, to: 52, gop }));
    await on.clock.advance(ms(1_000));
    expect(on.around.relays.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    expect(on.judge.verdict()).toEqual({ frames: range(0, 51), damages: [] });
  });

  test('takes every piece for a sign of life', async () => {
    const on = await running();
    const remote = new Remote();
    on.around.remoteMpegts = (request) => Promise.resolve(remote.open(request));
    on.around.setOwner(s02);
    for (const chunk of tsChunks({ from: 10, to: 15, gop })) {
      remote.push([chunk]);
      await on.clock.advance(ms(4_900));
    }
    expect(on.around.relays).toHaveLength(1);
  });

  test('lets go of an owner that the group holds for dead, and hears it anew when it is back', async () => {
    const on = await running();
    const remotes = [new Remote(), new Remote()];
    on.around.remoteMpegts = (request) =>
      Promise.resolve((remotes[on.around.relays.length - 1] ?? new Remote()).open(request));
    remotes[0]?.push(tsChunks({ from: 10, to: 36, gop }));
    on.around.setOwner(s02);
    await on.clock.advance(ms(1_000));
    on.around.down.add(s02);
    on.around.setOwner(undefined);
    expect(on.around.relays[0]?.signal.aborted).toBe(true);
    on.around.down.delete(s02);
    remotes[1]?.push(tsChunks({ from: 30, to: 52, gop }));
    on.around.setOwner(s02);
    await on.clock.advance(ms(1_000));
    expect(on.judge.verdict()).toEqual({ frames: range(0, 51), damages: [] });
  });

  test('goes on with the owner that nobody has replaced yet', async () => {
    const on = await running();
    const remote = new Remote();
    on.around.remoteMpegts = (request) => Promise.resolve(remote.open(request));
    remote.push(tsChunks({ from: 10, to: 36, gop }));
    on.around.setOwner(s02);
    on.around.setOwner(undefined);
    await on.clock.advance(ms(100));
    remote.push(tsChunks({ from: 36, to: 40, gop }));
    on.around.setOwner(s02);
    await on.clock.advance(ms(1_000));
    expect(on.around.relays).toHaveLength(1);
    expect(on.judge.verdict()).toEqual({ frames: range(0, 39), damages: [] });
  });

  test('takes the stream back into its own hands, right behind the last frame', async () => {
    const on = await running();
    const remote = new Remote();
    on.around.remoteMpegts = (request) => Promise.resolve(remote.open(request));
    remote.push(tsChunks({ from: 10, to: 36, gop }));
    on.around.setOwner(s02);
    await on.clock.advance(ms(100));
    const again = tsChunks({ from: 30, to: 50, gop });
    for (const chunk of again.splice(0, 5)) on.around.chunk(chunk);
    on.around.setOwner(s01);
    for (const chunk of again) on.around.chunk(chunk);
    await on.clock.advance(ms(1000));
    expect(on.judge.verdict()).toEqual({ frames: range(0, 50), damages: [] });
    expect(on.around.relays[0]?.signal.aborted).toBe(true);
  });

  test('sends new viewers to the owner', async () => {
    const on = await running();
    on.around.setOwner(s02);
    expect((await ask(on, 'a=b')).outcome()).toEqual({
      kind: 'redirect',
      location: 'http://s02.example:8080/site/cam01/mpegts?a=b&hops=1',
    });
  });
});

describe('a successor', () => {
  test('gives the viewers of its predecessor what its capture has kept for them', async () => {
    const on = bench(s02);
    on.around.setOwner(s01);
    const asked = await ask(on);
    expect(asked.outcome()).toBeUndefined();
    const chunks = tsChunks({ from: 20, to: 40, gop });
    for (const chunk of chunks.splice(0, 5)) on.around.chunk(chunk);
    await on.clock.advance(ms(0));
    expect(asked.outcome()).toMatchObject({ kind: 'mpegts' });
    const { judge } = await viewing(on);
    for (const chunk of chunks) on.around.chunk(chunk);
    expect(judge.verdict()).toEqual({ frames: range(20, 40), damages: [] });
  });
});

describe('another server', () => {
  test('holds a redirected request for a moment, for its own view may lag', async () => {
    const on = bench(s02);
    const asked = await ask(on, 'hops=1');
    await on.clock.advance(ms(999));
    expect(asked.outcome()).toBeUndefined();
    await on.clock.advance(ms(1));
    expect(asked.outcome()).toMatchObject({ kind: 'redirect', location: expect.stringContaining('hops=2') });
  });

  test('relays to a viewer that was redirected too often', async () => {
    const on = bench(s02);
    const remote = new Remote();
    on.around.remoteMpegts = (request) => Promise.resolve(remote.open(request));
    remote.push(tsChunks({ from: 10, to: 30, gop }));
    const asked = await ask(on, 'hops=2');
    await on.clock.advance(ms(1500));
    expect(asked.outcome()).toMatchObject({ kind: 'mpegts' });
  });

  test.each([
    ['nobody has the stream', 'nobody'],
    ['the owner is down', s02],
    ['the owner shows no sign of life', s02],
  ] as const)('holds while %s, then refuses', async (what, owner) => {
    const on = bench(owner);
    (what.includes('sign') ? on.around.silent : on.around.down).add(s02);
    const asked = await ask(on);
    await on.clock.advance(ms(7_999));
    expect(asked.outcome()).toBeUndefined();
    await on.clock.advance(ms(1));
    expect(asked.outcome()).toBe('stream-unavailable');
  });

  test('that a firewall cuts off from the owner sends viewers to one that reaches it', async () => {
    const on = bench(s02);
    on.around.cutOff.add(s02);
    expect((await ask(on, 'a=b')).outcome()).toEqual({
      kind: 'redirect',
      location: 'http://s03.example:8080/site/cam01/mpegts?a=b&hops=1',
    });
  });

  test('redirects as soon as there is an owner, or it is up again', async () => {
    const on = bench('nobody');
    const asked = await ask(on);
    on.around.down.add(s02);
    on.around.setOwner(s02);
    await on.clock.advance(ms(1000));
    expect(asked.outcome()).toBeUndefined();
    on.around.down.delete(s02);
    await on.clock.advance(ms(500));
    expect(asked.outcome()).toMatchObject({ kind: 'redirect' });
  });
});
