import { expect, test } from 'vitest';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import { runningConfig } from '../../../test/support/running-config.ts';
import { silentLog } from '../../../test/support/silent-log.ts';
import { Ends } from '../../events/ends/ends.ts';
import { ReportedEnds } from '../../events/ends/reported-ends.ts';
import { Timelines } from '../../events/ends/timelines.ts';
import { Journal } from '../../events/journal/journal.ts';
import { Chronicle } from '../../events/telling/chronicle.ts';
import type { CallOutcome, PeerCall, PeerClient } from '../../group/peer-client.ts';
import { incarnation, serverName, streamName } from '../../units/ids.ts';
import { ticks } from '../../units/ticks.ts';
import { OwnWindows } from '../media/own-windows.ts';
import { livePath, serveWindows } from '../peers/remote-windows.ts';
import { MediaSide } from './media-side.ts';

const cam = streamName('cam');
const [home, standIn] = [serverName('home'), serverName('stand-in')];
const location = { path: '/x', offset: 0, length: 1, decodeTimes: [] };
const duration = 180_000;

function segmentAt(number: number, start = number * duration) {
  return { number, start: ticks(start), duration: ticks(duration), keyframeHash: `k${number}`, init: 'i', bytes: 1 };
}

/** The home's media and chronicle as the server joins them, and the stand-in's windows and ends behind the peers' protocol. */
async function homeWithStandIn() {
  const clock = new ManualClock();
  const windows = new OwnWindows(standIn, clock);
  const timelines = new Timelines(clock);
  const client = (): PeerClient => ({ call }) as unknown as PeerClient;
  const alone = (self: typeof home) => ({
    self,
    clock,
    client,
    peers: () => [],
    own: () => undefined,
    now: () => ticks((clock.wall() * 9) / 100),
    seen: () => undefined,
    reported: new ReportedEnds({ isServer: () => true, isStream: () => true }),
    past: { isDead: () => false, over: () => undefined, of: () => undefined },
    known: { of: () => undefined, ofOwnPast: () => undefined },
  });
  const handlers = {
    [livePath]: serveWindows(windows, clock, () => undefined),
    ...new Ends({ ...alone(standIn), own: (stream) => timelines.end(stream) }).handlers,
  };
  const gone = new AbortController().signal;
  const call = async ({ path, body }: PeerCall): Promise<CallOutcome> => {
    const serve = handlers[path as keyof typeof handlers];
    const sentAt = clock.monotonic();
    const reply = await serve({ from: home, fromLife: incarnation(1), body, gone });
    // As it travels.
    const text: unknown = JSON.parse(JSON.stringify(reply.body));
    return { ok: true, status: reply.status, body: text, life: incarnation(1), sentAt, answeredAt: clock.monotonic() };
  };
  const files = {
    list: async () => [],
    read: async () => new Uint8Array(),
    append: async () => {},
    remove: async () => {},
  };
  const journal = await Journal.open(files, clock.wall(), () => {});
  const media: MediaSide = new MediaSide({
    clock,
    version: 'test',
    config: runningConfig('stream cam { url http://x/; cluster_ingest; }', home),
    pool: { send() {} },
    archive: () => undefined,
    client,
    openRemoteMpegts: () => Promise.reject(new Error('nobody views')),
    fact() {},
    chronicle: {
      captureBegins: (...told) => chronicle.captureBegins(...told),
      captureEnds: (...told) => chronicle.captureEnds(...told),
      localFact: (...told) => chronicle.localFact(...told),
      segment: (...told) => chronicle.segment(...told),
      steppedOn: (...told) => chronicle.steppedOn(...told),
      source: (...told) => chronicle.source(...told),
      sourceFailed: (...told) => chronicle.sourceFailed(...told),
    },
    onCaptureEnd() {},
    onSkew() {},
    onGroupAhead() {},
    isDown: () => false,
    onFollowError: (error) => {
      throw error;
    },
  });
  const chronicle = new Chronicle({
    self: home,
    clock,
    utc: () => clock.wall(),
    incarnation: () => incarnation(1),
    journal,
    log: silentLog,
    endAt: (stream, from) => ends.at(from, stream),
    ownPastEnd: () => Promise.resolve(undefined),
    ownKeptEnd: () => undefined,
    lastEnd: () => Promise.resolve(undefined),
    isConfigured: () => true,
    owner: () => undefined,
    partedWithin: () => ms(0),
    onLost() {},
  });
  const ends = new Ends(alone(home));
  windows.begin(cam, ms(2_000));
  for (const number of [1, 2, 3, 4, 5]) {
    const segment = segmentAt(number);
    windows.segment(cam, segment, location);
    timelines.segment(cam, segment.start, ticks(segment.start + segment.duration));
  }
  const publish = (segment: ReturnType<typeof segmentAt>): void =>
    media.captures.onFact({ type: 'segment', stream: cam, attempt: 1, segment, location });
  const failback = (): void => chronicle.notice({ kind: 'failback', stream: cam, from: standIn, tookMs: 100 });
  const start = (from: typeof standIn | undefined): void =>
    media.captures.start({ stream: cam, attempt: 1, from, standIn: false });
  return { clock, windows, start, publish, failback, events: () => journal.list({ since: undefined, limit: 9 }) };
}

test('a failback that breaks tells the video between the last segment there and the first one here', async () => {
  const { clock, windows, start, publish, failback, events } = await homeWithStandIn();
  windows.end(cam);
  // Longer than its window is kept: the camera took its time.
  await clock.advance(ms(60_000));
  start(undefined);
  failback();
  await clock.advance(ms(1_000));
  publish(segmentAt(7, 6 * duration + 135_000));
  publish(segmentAt(8, 7 * duration + 135_000));
  await clock.advance(ms(0));
  expect(await events()).toMatchObject([{ kind: 'failback', from: standIn, to: home, lostMs: 1_500 }]);
});

test('a seamless failback that did not reach the live edge of the predecessor tells the gap', async () => {
  const { clock, start, publish, failback, events } = await homeWithStandIn();
  start(standIn);
  await clock.advance(ms(0));
  publish(segmentAt(7, 6 * duration + 45_000));
  publish(segmentAt(8, 7 * duration + 45_000));
  failback();
  await clock.advance(ms(200));
  expect(await events()).toMatchObject([{ kind: 'failback', lostMs: 500 }]);
});

test('a seamless failback that overlaps lost nothing', async () => {
  const { clock, start, publish, failback, events } = await homeWithStandIn();
  start(standIn);
  await clock.advance(ms(0));
  publish(segmentAt(5));
  publish(segmentAt(6));
  failback();
  await clock.advance(ms(200));
  expect(await events()).toMatchObject([{ kind: 'failback', lostMs: 0 }]);
});
