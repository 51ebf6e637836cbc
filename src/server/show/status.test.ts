import { describe, expect, it } from 'vitest';
import { FakeCore } from '../../../test/support/fake-core.ts';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import { runningConfig } from '../../../test/support/running-config.ts';
import type { ServerView, StreamView } from '../../cluster/step/view.ts';
import type { CallOutcome, PeerClient } from '../../group/peer-client.ts';
import { incarnation, serverName, streamName } from '../../units/ids.ts';
import { instant, unixMicros } from '../../units/time.ts';
import { Captures } from '../media/captures.ts';
import { ClockKeeper } from '../media/clock-keeper.ts';
import { LastFrames } from '../media/last-frames.ts';
import { MediaBoard } from '../media/media-board.ts';
import { OwnWindows } from '../media/own-windows.ts';
import { PeerMedia } from '../peers/peer-media.ts';
import { Status } from './status.ts';

const [a, b] = [serverName('a'), serverName('b')];
const [cam, own] = [streamName('cam'), streamName('own')];
const text = `
cluster_key k;
peer a { address 10.0.0.1:8080; }
peer b { address 10.0.0.2:8080; }
stream cam { url http://user:secret@camera/; cluster_ingest; }
stream own { url http://x/; }
`;
const had = { since: instant(0), triedBy: undefined, framesUntil: undefined };
const running: StreamView = { name: cam, state: 'running', home: a, owner: a, capturedBy: a, ...had };
const lost: StreamView = { ...running, state: 'error', owner: undefined, capturedBy: undefined, since: undefined };

/** Server `a`; `b` tells the report when it is asked. */
function status(report: unknown = {}, { refused = false } = {}) {
  const clock = new ManualClock();
  const config = runningConfig(text, 'a');
  const core = new FakeCore();
  core.addServer(a, { self: true });
  core.addServer(b);
  const errors = new Map<string, string>();
  const board = new MediaBoard(clock);
  const lastFrames = new LastFrames();
  lastFrames.follow([cam, own], clock.monotonic());
  const captures = new Captures({
    pool: { send: () => undefined },
    windows: new OwnWindows(a, clock),
    config: (stream) => config.stream(stream),
    archive: () => undefined,
    fact: () => undefined,
    follow: () => Promise.resolve(),
    lastWindow: () => Promise.resolve(undefined),
    lastPublished: () => ({ end: undefined, number: undefined, targetDuration: undefined }),
    clock,
    utc: () => unixMicros(0),
    observer: {
      started() {},
      mpegts() {},
      segment() {},
      steppedOn() {},
      sourceUsed() {},
      sourceFailed() {},
      pulse: (capture, pulse) => board.pulse(capture, pulse),
      ended: (capture) => board.ended(capture),
    },
  });
  const call = async (): Promise<CallOutcome> => {
    const at = clock.monotonic();
    return { ok: true, status: 200, body: report, life: incarnation(1), sentAt: at, answeredAt: at };
  };
  const client = { call } as unknown as PeerClient;
  const peerMedia = new PeerMedia({
    client: () => client,
    clock,
    peers: () => [b],
    seen: (stream, at) => lastFrames.seen(stream, at),
  });
  const clocks = new ClockKeeper({
    clock,
    version: '1.0.0',
    captured: () => 'nothing',
    tellWorkers: () => undefined,
    onSkew: () => undefined,
    onGroupAhead: () => undefined,
  });
  const made = new Status({
    clock,
    version: '1.0.0',
    config,
    core: () => core,
    captures,
    board,
    lastFrames,
    peerMedia,
    clocks,
    lastError: (stream) => errors.get(stream),
    refused: () => refused,
  });
  return { made, core, clock, captures, clocks, errors, lastFrames };
}

const media = { source: 'http://b/', bytesTotal: 7, damageTotal: 0, lostSegmentsTotal: 0, tracks: [] };
const pulse = {
  stream: cam,
  attempt: 1,
  lastFrameAgeMs: ms(30),
  bytesTotal: 1_000,
  damageTotal: 3,
  lostSegmentsTotal: 2,
};

describe('the status of servers', () => {
  it('has the own version, and of peers what they told', () => {
    const { made, clocks, clock } = status();
    const at = clock.monotonic();
    const systemOffset = clock.wall() + 2_000_000;
    clocks.heard(b, { receivedMs: 0, sentMs: 0, systemOffset, version: '1.0.1' }, at, at);
    expect(made.servers()).toMatchObject([
      { view: { name: a }, version: '1.0.0', clockSkew: undefined, publicUrl: 'http://10.0.0.1:8080' },
      { view: { name: b }, version: '1.0.1', clockSkew: 2_000, publicUrl: 'http://10.0.0.2:8080' },
    ]);
  });

  it.each<[Partial<ServerView>, boolean, string]>([
    [{ state: 'alive' }, false, 'ready'],
    [{ state: 'booting' }, false, 'booting'],
    [{ state: 'draining' }, false, 'draining'],
    [{ state: 'alive', minority: true }, false, 'minority'],
    [{ state: 'alive' }, true, 'refused'],
  ])('of one that is %j, refused %j: %s', (view, refused, readiness) => {
    const { made, core } = status({}, { refused });
    core.serverViews.length = 0;
    core.addServer(b, { state: 'booting', minority: true });
    core.addServer(a, { self: true, ...view });
    expect(made.readiness()).toBe(readiness);
  });
});

describe('the status of a stream', () => {
  it('that is captured here has the numbers of its capture', () => {
    const { made, core, captures } = status();
    core.streamViews.push(running);
    captures.start({ stream: cam, attempt: 1, from: undefined, standIn: false });
    captures.onFact({ type: 'pulse', captures: [pulse] });
    expect(made.stream(cam)).toMatchObject({
      view: running,
      media: { bytesTotal: 1_000, damageTotal: 3, lostSegmentsTotal: 2 },
      lastFrameAge: 30,
      error: undefined,
    });
  });

  it('that a peer captures has what that one tells', async () => {
    const { made, core } = status({ [cam]: { media } });
    core.streamViews.push({ ...running, owner: b });
    expect(made.stream(cam)?.media).toBeUndefined();
    await made.refresh();
    expect(made.stream(cam)?.media).toMatchObject({ source: 'http://b/', bytesTotal: 7 });
  });

  it('that nobody has frames of goes on counting: from the last that a capture here had', async () => {
    const { made, core, clock, lastFrames } = status();
    await clock.advance(ms(1_000));
    lastFrames.seen(cam, clock.monotonic());
    core.streamViews.push(lost);
    await clock.advance(ms(60_000));
    expect(made.stream(cam)).toMatchObject({ media: undefined, lastFrameAge: 60_000 });
  });

  it('that nobody has frames of goes on counting: from the last that the group knows of', async () => {
    const { made, core, clock } = status();
    core.streamViews.push({ ...lost, framesUntil: instant(10_000) });
    await clock.advance(ms(60_000));
    expect(made.stream(cam)?.lastFrameAge).toBe(50_000);
  });

  it('that nobody ever had frames of counts from its configuration', async () => {
    const { made, core, clock } = status();
    core.streamViews.push(lost);
    await clock.advance(ms(60_000));
    expect(made.stream(cam)?.lastFrameAge).toBe(60_000);
  });

  it('that runs, of which its owner has told nothing yet, has no age', () => {
    const { made, core } = status();
    core.streamViews.push({ ...running, owner: b, capturedBy: b });
    expect(made.stream(cam)?.lastFrameAge).toBeUndefined();
  });

  it('shows no password', () => {
    const { made } = status();
    expect(JSON.stringify(made.streams())).not.toContain('secret');
  });

  it.each<[string, StreamView['state'], string | undefined, unknown, string | undefined]>([
    ['runs has no error', 'running', 'refused', { [cam]: { error: 'gone' } }, undefined],
    ['failed here says why', 'error', 'refused', { [cam]: { error: 'gone' } }, 'refused'],
    ['failed at a peer says why', 'error', undefined, { [cam]: { error: 'gone' } }, 'gone'],
    ['nobody tried has no error', 'waiting', undefined, {}, undefined],
  ])('that %s', async (_case, state, here, there, expected) => {
    const { made, core, errors } = status(there);
    core.streamViews.push({ ...running, state, owner: undefined });
    if (here !== undefined) errors.set(cam, here);
    await made.refresh();
    expect(made.stream(cam)?.error).toBe(expected);
  });

  it('that every server captures for itself has this one as home', () => {
    const { made, captures } = status();
    expect(made.stream(own)?.view).toMatchObject({ state: 'idle', home: a, owner: undefined });
    captures.start({ stream: own, attempt: undefined, from: undefined, standIn: false });
    expect(made.stream(own)?.view).toMatchObject({ state: 'starting', home: a, owner: a });
    const told = { stream: own, attempt: 1 } as const;
    captures.onFact({ type: 'frames', ...told });
    expect(made.stream(own)?.view.state).toBe('running');
    captures.onFact({ type: 'stalled', ...told, error: 'refused' });
    expect(made.stream(own)?.view.state).toBe('error');
  });

  it('that is not configured is none', () => {
    const { made } = status();
    expect(made.stream(streamName('other'))).toBeUndefined();
    expect(made.streams().map(({ view }) => view.name)).toEqual([cam, own]);
  });
});

it('the configuration is told with its digest and what is to be said of it', () => {
  const { made } = status();
  // `own` has no cluster_ingest.
  const diagnostics = [{ severity: 'warning' }];
  expect(made.config()).toMatchObject({ loadedAt: 0, digest: expect.stringContaining('cam'), diagnostics });
});
