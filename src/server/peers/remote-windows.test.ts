import { expect, test } from 'vitest';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import type { CallOutcome, PeerCall, PeerClient } from '../../group/peer-client.ts';
import type { PeerReply } from '../../group/peer-service.ts';
import { incarnation, serverName, streamName } from '../../units/ids.ts';
import { ticks } from '../../units/ticks.ts';
import { millis } from '../../units/time.ts';
import { OwnWindows } from '../media/own-windows.ts';
import { RemoteWindows, serveWindows } from './remote-windows.ts';

const cam = streamName('cam01');

function bench() {
  const clock = new ManualClock();
  const windows = new OwnWindows(serverName('s01'), clock);
  const shown: unknown[] = [];
  const handler = serveWindows(windows, clock, (...what) => shown.push(what));
  return {
    clock,
    windows,
    shown,
    publish: (number: number) => windows.segment(cam, segmentOf(number), location),
    /** What a peer that knows this revision has been answered so far. */
    async ask(after: number, more: object = {}): Promise<{ reply?: PeerReply }> {
      const asked: { reply?: PeerReply } = {};
      const { signal } = new AbortController();
      const request = {
        from: serverName('s02'),
        fromLife: incarnation(1),
        body: { stream: cam, after, ...more },
        gone: signal,
      };
      void handler(request).then((reply) => {
        asked.reply = reply;
      });
      await clock.advance(ms(0));
      return asked;
    },
  };
}

const location = { path: '/scratch/a', offset: 0, length: 10, decodeTimes: [] };

function segmentOf(number: number) {
  const start = ticks(number * 180_000);
  return { number, start, duration: ticks(180_000), keyframeHash: `hash${number}`, init: 'abc', bytes: 1_000 };
}

test('a stream that is not captured here has no window, and nobody waits for one', async () => {
  const { ask } = bench();
  expect((await ask(0)).reply?.status).toBe(404);
});

test('the first segment reaches those who asked before it came: a refusal would have them ask again late', async () => {
  const { clock, windows, publish, ask } = bench();
  windows.begin(cam, ms(2_000));
  const asked = await ask(0);
  await clock.advance(ms(3_000));
  expect(asked.reply).toBeUndefined();
  publish(7);
  await clock.advance(ms(0));
  expect(asked.reply).toMatchObject({ status: 200, body: { segments: [{ number: 7 }] } });
});

test('a capture that shows nothing has no window after the hold', async () => {
  const { clock, windows, ask } = bench();
  windows.begin(cam, ms(2_000));
  const asked = await ask(0);
  await clock.advance(ms(5_000));
  expect(asked.reply?.status).toBe(404);
});

test('what viewers of the asking server were shown is passed on, if it is a number', async () => {
  const { ask, shown } = bench();
  await ask(0, { shown: 7 });
  for (const nonsense of ['8', -1, 1.5, Number.MAX_VALUE, null]) await ask(0, { shown: nonsense });
  expect(shown).toEqual([[cam, 7]]);
});

test('a known window is answered when it changes, or not at all', async () => {
  const { clock, windows, publish, ask } = bench();
  windows.begin(cam, ms(2_000));
  publish(7);
  const revision = windows.get(cam)?.revision ?? 0;
  expect((await ask(0)).reply?.status).toBe(200);
  const [first, second] = [await ask(revision), await ask(revision)];
  publish(8);
  await clock.advance(ms(0));
  expect(first.reply).toMatchObject({ status: 200, body: { segments: [{ number: 7 }, { number: 8 }] } });
  expect(second.reply).toEqual(first.reply);
  const idle = await ask(windows.get(cam)?.revision ?? 0);
  await clock.advance(ms(5_000));
  expect(idle.reply?.status).toBe(304);
});

test('what is known of the newest segment does not go back when an earlier owner is asked', async () => {
  const own = { early: new OwnWindows(serverName('s01'), new ManualClock()), late: bench().windows };
  const answers = Object.entries(own).map(([name, windows]) => {
    windows.begin(cam, millis(2_000));
    for (const number of name === 'early' ? [4, 5] : [5, 6]) windows.segment(cam, segmentOf(number), location);
    return [name, windows.get(cam)] as const;
  });
  const bodies = new Map<string, unknown>(answers);
  const now = new ManualClock().monotonic();
  const answered = { ok: true, status: 200, life: incarnation(1), sentAt: now, answeredAt: now } as const;
  const call = async ({ peer }: PeerCall): Promise<CallOutcome> => ({ ...answered, body: bodies.get(peer) });
  const remote = new RemoteWindows(() => ({ call }) as unknown as PeerClient);
  const { signal } = new AbortController();
  for (const owner of ['late', 'early'])
    await remote.get({ stream: cam, owner: serverName(owner), afterRevision: 0, signal });
  expect(remote.last(cam).number).toBe(6);
});

test('the newest segment of each server that had the stream is known from all windows that were got', async () => {
  const windowOf = (...segments: readonly (readonly [holder: string, number: number])[]): object => ({
    revision: 1,
    targetDuration: 2,
    segments: segments.map(([holder, number]) => ({ ...segmentOf(number), holder })),
    inits: [],
    bandwidth: { peak: 1, average: 1 },
  });
  const bodies = [
    windowOf(['s01', 4], ['s01', 5], ['s02', 6]),
    windowOf(['s02', 6], ['s03', 7]),
    windowOf(['s01', 4], ['s01', 5]),
  ];
  const call = async () => ({ ok: true, status: 200, body: bodies.shift() });
  const remote = new RemoteWindows(() => ({ call }) as unknown as PeerClient);
  const { signal } = new AbortController();
  const newest = () =>
    ['s01', 's02', 's03'].map((name) => (remote.newestAt(cam, serverName(name))?.start ?? 0) / 180_000);
  const known: number[][] = [newest()];
  while (bodies.length > 0) {
    await remote.get({ stream: cam, owner: serverName('s02'), afterRevision: 0, signal });
    known.push(newest());
  }
  expect(known).toEqual([
    [0, 0, 0],
    [5, 6, 0],
    [5, 6, 7],
    [5, 6, 7],
  ]);
  expect(remote.newestAt(cam, serverName('s03'))).toEqual({ start: 7 * 180_000, end: 8 * 180_000 });
});
