import { describe, expect, it } from 'vitest';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import type { MediaStatus } from '../../api/ports.ts';
import type { CallOutcome, PeerClient } from '../../group/peer-client.ts';
import { incarnation, type StreamName, serverName, streamName } from '../../units/ids.ts';
import { PeerMedia } from './peer-media.ts';

const peer = serverName('peer');
const cam = streamName('cam');
const media: MediaStatus = {
  source: 'http://x/',
  lastFrameAge: ms(40),
  bitrateBps: 1,
  bytesTotal: 1,
  damageTotal: 0,
  lostSegmentsTotal: 0,
  tracks: [],
};

function peerMedia(outcome: () => Promise<CallOutcome>) {
  const clock = new ManualClock();
  let asked = 0;
  const call = (): Promise<CallOutcome> => {
    asked += 1;
    return outcome();
  };
  const client = { call } as unknown as PeerClient;
  const seen: [StreamName, number][] = [];
  const made = new PeerMedia({
    client: () => client,
    clock,
    peers: () => [peer],
    seen: (stream, at) => seen.push([stream, at]),
  });
  return { made, clock, seen, asked: () => asked };
}

function answer(clock: { monotonic(): CallOutcomeTime }, body: unknown): CallOutcome {
  const at = clock.monotonic();
  return { ok: true, status: 200, body, life: incarnation(1), sentAt: at, answeredAt: at };
}
type CallOutcomeTime = Extract<CallOutcome, { ok: true }>['sentAt'];

describe('the media of peers', () => {
  it.each([
    ['of a stream with frames: the age does not swing between two answers', ms(40), 40],
    ['of one without: the age grows', ms(3_000), 3_500],
  ])('is there for the first who looks; %s', async (_case, lastFrameAge, shown) => {
    const { made, clock }: ReturnType<typeof peerMedia> = peerMedia(() =>
      Promise.resolve(answer(clock, { [cam]: { media: { ...media, lastFrameAge } } })),
    );
    await made.fresh();
    await clock.advance(ms(500));
    expect(made.get(peer, cam)?.lastFrameAge).toBe(shown);
  });

  it('tells when a stream had its last frame, also one that the peer gave up', async () => {
    const gone = streamName('gone');
    const { made, clock, seen }: ReturnType<typeof peerMedia> = peerMedia(() =>
      Promise.resolve(answer(clock, { [cam]: { media }, [gone]: { error: 'refused', lastFrameAge: 60_000 } })),
    );
    await clock.advance(ms(100_000));
    const now = clock.monotonic();
    await made.fresh();
    expect(seen).toEqual([
      [cam, now - 40],
      [gone, now - 60_000],
    ]);
  });

  it('of a server that is frozen: the age of its last frame grows, and nothing else is told', async () => {
    let frozen = false;
    const told = () => answer(clock, { [cam]: { media, error: 'refused' } });
    const { made, clock }: ReturnType<typeof peerMedia> = peerMedia(() =>
      frozen ? Promise.resolve({ ok: false, reason: 'timeout' }) : Promise.resolve(told()),
    );
    await made.fresh();
    frozen = true;
    await clock.advance(ms(7_000));
    expect(made.get(peer, cam)).toMatchObject({ lastFrameAge: 7_040, bitrateBps: undefined });
    expect(made.error(cam)).toBeUndefined();
    // Nobody looked for an hour: what was told before that says nothing of the time between.
    await clock.advance(ms(3_600_000));
    void made.fresh();
    expect(made.get(peer, cam)).toBeUndefined();
  });

  it('is asked for while somebody looks, and no longer', async () => {
    const { made, clock, asked }: ReturnType<typeof peerMedia> = peerMedia(() =>
      Promise.resolve(answer(clock, { [cam]: { error: 'refused' } })),
    );
    await made.fresh();
    expect(made.error(cam)).toBe('refused');
    await clock.advance(ms(30_000));
    const then = asked();
    expect(then).toBeGreaterThan(15);
    made.get(peer, cam);
    await clock.advance(ms(30_000));
    expect(asked()).toBe(then);
  });

  it('does not hold up whoever looks when a peer is silent, and is forgotten when it is old', async () => {
    const { made, clock }: ReturnType<typeof peerMedia> = peerMedia(() => new Promise(() => {}));
    let done = false;
    void made.fresh().then(() => {
      done = true;
    });
    await clock.advance(ms(400));
    expect(done).toBe(true);
    expect(made.get(peer, cam)).toBeUndefined();
  });

  it('is none when a peer answers something else', async () => {
    const { made, clock }: ReturnType<typeof peerMedia> = peerMedia(() =>
      Promise.resolve(answer(clock, { [cam]: { media: { ...media, tracks: null } } })),
    );
    await made.fresh();
    expect(made.get(peer, cam)).toBeUndefined();
  });
});
