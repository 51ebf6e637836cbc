import { describe, expect, it } from 'vitest';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import { longestSettling } from '../../capture/capture.ts';
import { longestClosing } from '../../capture/source/connection.ts';
import { bounds } from '../../cluster/step/bounds.ts';
import type { CaptureFact } from '../../cluster/step/event.ts';
import type { StreamConfig } from '../../config/model/config.ts';
import type { WorkerCommand, WorkerFact } from '../../facts/protocol.ts';
import type { LiveSegment, LiveWindow } from '../../hls/live-window.ts';
import { type ServerName, type StreamName, serverName, streamName } from '../../units/ids.ts';
import { ticks } from '../../units/ticks.ts';
import { millis, unixMicros } from '../../units/time.ts';
import { Captures, longestStopping, type Predecessor } from './captures.ts';
import type { LastPublished } from './last-published.ts';
import { OwnWindows } from './own-windows.ts';

const cam = streamName('cam');
const [self, other] = [serverName('self'), serverName('other')];
const config: StreamConfig = {
  name: cam,
  sources: [{ url: 'http://camera/', protocol: 'mpegts-http' }],
  clusterIngest: undefined,
  sourceTimeout: millis(10_000),
  segmentDuration: millis(2_000),
  dvr: undefined,
};
const segment = (number: number): Omit<LiveSegment, 'holder'> => ({
  number,
  start: ticks(number * 180_000),
  duration: ticks(180_000),
  keyframeHash: `k${number}`,
  init: 'i',
  bytes: 1000,
});
const location = { path: '/x', offset: 0, length: 1000, decodeTimes: [] };

function captures(
  clusterIngest: StreamConfig['clusterIngest'] = undefined,
  answer?: LiveWindow,
  last: LastPublished = { end: ticks(900), number: 7, targetDuration: 9 },
  utcSeconds = 0,
) {
  let { sources } = config;
  const clock = new ManualClock();
  const commands: WorkerCommand[] = [];
  const facts: [StreamName, number | undefined, CaptureFact][] = [];
  const followed: (Predecessor & { end: () => void })[] = [];
  const windows = new OwnWindows(self, clock);
  const pulses: number[] = [];
  const asked: ServerName[] = [];
  const made = new Captures({
    pool: { send: (command) => commands.push(command) },
    windows,
    config: (stream) => (stream === cam ? { ...config, clusterIngest, sources } : undefined),
    archive: () => undefined,
    fact: (stream, attempt, fact) => facts.push([stream, attempt, fact]),
    follow: (predecessor) => new Promise((end) => followed.push({ ...predecessor, end })),
    lastWindow: (ended) => {
      asked.push(ended.from);
      return Promise.resolve(answer);
    },
    lastPublished: () => last,
    clock,
    utc: () => unixMicros(utcSeconds * 1e6),
    observer: {
      started() {},
      mpegts() {},
      segment() {},
      steppedOn() {},
      sourceUsed() {},
      sourceFailed() {},
      pulse: ({ attempt }) => pulses.push(attempt),
      ended() {},
    },
  });
  const fact = (attempt: number, told: { type: 'frames' | 'ready' | 'stopped' }): void =>
    made.onFact({ ...told, stream: cam, attempt } satisfies WorkerFact);
  const useSources = (...urls: string[]): void => {
    sources = urls.map((url) => ({ url, protocol: 'mpegts-http' }));
    made.useSources(cam);
  };
  return { made, commands, facts, followed, windows, fact, clock, pulses, asked, useSources };
}

const windowTo = (number: number): LiveWindow => ({
  revision: 1,
  targetDuration: 4,
  segments: [{ ...segment(number), holder: other }],
  inits: [],
  bandwidth: { peak: 1, average: 1 },
});

const start = (attempt: number | undefined, from = undefined as typeof other | undefined) => ({
  stream: cam,
  attempt,
  from,
  standIn: false,
});

describe('captures', () => {
  it("start behind the last published end, and tell the core by the core's attempt", () => {
    const { made, commands, facts, fact } = captures();
    made.start(start(42));
    expect(commands).toMatchObject([{ type: 'start', attempt: 1, adopting: false, notBefore: 900, numberAfter: 7 }]);
    fact(1, { type: 'frames' });
    made.stop({ stream: cam, attempt: 42 });
    fact(1, { type: 'stopped' });
    expect(facts).toEqual([
      [cam, 42, { kind: 'frames' }],
      [cam, 42, { kind: 'stopped' }],
    ]);
    expect(made.captured).toBe('nothing');
  });

  it("count as the group's from the core's start to the end of the input, and as the server's own without a core", () => {
    const { made, fact } = captures();
    made.start(start(undefined));
    expect(made.captured).toBe('own');
    made.start(start(42));
    expect(made.captured).toBe('group');
    made.stop({ stream: cam, attempt: 42 });
    expect(made.captured).toBe('group');
    fact(2, { type: 'stopped' });
    expect(made.captured).toBe('own');
  });

  it.each([
    { answer: 'its last window', window: windowTo(8), place: { notBefore: 9 * 180_000, numberAfter: 8, isLast: true } },
    { answer: 'nothing', window: undefined, place: { notBefore: 900, numberAfter: 7 } },
  ])('behind who released the camera publish nothing before it has told $answer', async ({ window, place }) => {
    const { made, commands, asked, windows, facts, fact, clock } = captures(undefined, window);
    made.start({ ...start(1), behind: other });
    expect(asked).toEqual([other]);
    expect(commands).toMatchObject([{ type: 'start', adopting: true, notBefore: undefined }]);
    await clock.advance(ms(0));
    expect(commands[1]).toEqual({ type: 'own-timeline', stream: cam, attempt: 1, ...place });
    fact(1, { type: 'ready' });
    expect(facts).toEqual([]);
    made.onFact({ type: 'segment', stream: cam, attempt: 1, segment: segment(9), location });
    expect(windows.get(cam)?.segments.map(({ number }) => number)).toEqual(window === undefined ? [9] : [8, 9]);
  });

  it('behind who released the camera, but is not the newest that is known, leave out what it may have ended early', async () => {
    const { made, commands, clock } = captures(undefined, windowTo(6));
    made.start({ ...start(1), behind: other });
    await clock.advance(ms(0));
    expect(commands[1]).toEqual({ type: 'own-timeline', stream: cam, attempt: 1, notBefore: 900, numberAfter: 7 });
  });

  it('ask nobody when they were the last themselves, and go on with the next number', () => {
    const { made, commands, windows, asked } = captures();
    made.start(start(1));
    made.onFact({ type: 'segment', stream: cam, attempt: 1, segment: segment(7), location });
    made.stop({ stream: cam, attempt: 1 });
    made.start({ ...start(2), behind: self });
    expect(asked).toEqual([]);
    expect(windows.get(cam)?.segments.at(-1)?.number).toBe(7);
    expect(commands.at(-1)).toMatchObject({ type: 'start', adopting: false, numberAfter: 7, isLast: true });
  });

  it.each([
    { who: 'go on behind what they saw last', holder: other, after: 6 },
    { who: 'who saw nothing since their own leave out what it may have published', holder: self, after: 8 },
  ])('behind a death $who', ({ holder, after }) => {
    const last = { end: ticks(15 * 90_000), number: 6, targetDuration: 4, holder };
    const { made, commands } = captures(undefined, undefined, last, 17);
    made.start(start(1));
    expect(commands).toMatchObject([{ type: 'start', notBefore: last.end, numberAfter: after }]);
  });

  it('adopt the timeline of a predecessor, whose windows go to the worker and into the own list', async () => {
    const { made, commands, followed, windows, fact } = captures();
    made.start(start(1, other));
    followed[0]?.onWindow(windowTo(5));
    expect(commands).toMatchObject([{ type: 'start', adopting: true, notBefore: undefined }, { type: 'adopt' }]);
    fact(1, { type: 'ready' });
    made.onFact({ type: 'segment', stream: cam, attempt: 1, segment: segment(6), location });
    expect(windows.get(cam)?.segments.map(({ number, holder }) => [number, holder])).toEqual([
      [5, other],
      [6, self],
    ]);
    followed[0]?.end();
    await Promise.resolve();
    expect(commands).toHaveLength(2);
  });

  it('go on by their own timeline when the predecessor ends before it is adopted', async () => {
    const { made, commands, followed } = captures();
    made.start(start(1, other));
    followed[0]?.end();
    await new Promise((resolve) => queueMicrotask(() => resolve(undefined)));
    expect(commands.at(-1)).toMatchObject({ type: 'own-timeline', attempt: 1, notBefore: 900, numberAfter: 7 });
  });

  it('go on behind what viewers elsewhere were shown, when that is more than was published here', () => {
    const { made, commands } = captures();
    made.shownElsewhere(cam, 40);
    made.start(start(1));
    made.onFact({ type: 'segment', stream: cam, attempt: 1, segment: segment(20), location });
    made.shownElsewhere(cam, 20);
    expect(commands).toHaveLength(1);
    made.shownElsewhere(cam, 40);
    expect(commands.at(-1)).toEqual({ type: 'shown', stream: cam, attempt: 1, number: 40 });
    made.stop({ stream: cam, attempt: 1 });
    made.shownElsewhere(cam, 50);
    expect(commands).toHaveLength(3);
  });

  it('stop following the predecessor when they are stopped', () => {
    const { made, followed } = captures();
    made.start(start(1, other));
    made.stop({ stream: cam, attempt: 1 });
    expect(followed[0]?.signal.aborted).toBe(true);
  });

  it('are opened anew when the configuration changed and the old input is closed, and the core hears of no end', () => {
    const { made, commands, facts, fact } = captures();
    made.start(start(1));
    made.restart(cam);
    expect(commands.map((command) => command.type)).toEqual(['start', 'stop']);
    fact(1, { type: 'stopped' });
    fact(2, { type: 'frames' });
    expect(commands.map((command) => command.type)).toEqual(['start', 'stop', 'start']);
    expect(facts).toEqual([[cam, 1, { kind: 'frames' }]]);
  });

  it('publish what they have when they are opened anew, and go on behind it', () => {
    const { made, commands, windows, fact } = captures();
    made.start(start(1));
    made.restart(cam);
    expect(commands.at(-1)).toEqual({ type: 'stop', stream: cam, attempt: 1, publishRest: true });
    made.onFact({ type: 'segment', stream: cam, attempt: 1, segment: segment(8), location });
    expect(windows.get(cam)?.segments.at(-1)?.number).toBe(8);
    fact(1, { type: 'stopped' });
    expect(commands.at(-1)).toMatchObject({ type: 'start', attempt: 2, isLast: true });
  });

  it('publish nothing any more once their successor has begun without knowing of it', async () => {
    const { made, windows, clock } = captures();
    made.start(start(1));
    made.onFact({ type: 'segment', stream: cam, attempt: 1, segment: segment(7), location });
    made.restart(cam);
    await clock.advance(longestStopping);
    made.onFact({ type: 'segment', stream: cam, attempt: 1, segment: segment(8), location });
    expect(windows.get(cam)?.segments.at(-1)?.number).toBe(7);
  });

  it('publish nothing any more once the end of an overdue input is told: whoever goes on has its numbers', async () => {
    const { made, windows, facts, fact, clock } = captures();
    made.start(start(42));
    made.onFact({ type: 'segment', stream: cam, attempt: 1, segment: segment(7), location });
    made.stop({ stream: cam, attempt: 42 });
    await clock.advance(longestStopping);
    expect(facts).toEqual([[cam, 42, { kind: 'stopped' }]]);
    made.onFact({ type: 'segment', stream: cam, attempt: 1, segment: segment(8), location });
    expect(windows.get(cam)?.segments.at(-1)?.number).toBe(7);
    fact(1, { type: 'stopped' });
    expect(facts).toHaveLength(1);
  });

  it('may take as long to stop as their workers may, and the core waits longer', () => {
    expect(longestStopping).toBeGreaterThan(longestClosing + longestSettling);
    expect(bounds.closing).toBeGreaterThan(longestStopping);
    expect(bounds.asking).toBeGreaterThan(bounds.closing);
  });

  it.each([
    { why: 'somebody took over without a break', handover: 'seamless', to: other, cause: 'returned', rest: undefined },
    { why: 'another captures it too', handover: 'break', to: other, cause: 'duplicate', rest: undefined },
    { why: 'the majority captures it', handover: 'seamless', to: undefined, cause: 'partition', rest: undefined },
    { why: 'another waits for the camera', handover: 'break', to: other, cause: 'returned', rest: true },
    { why: 'its source is lost', handover: 'seamless', to: undefined, cause: 'source-lost', rest: true },
    { why: 'nobody can take it', handover: 'seamless', to: undefined, cause: 'leave', rest: true },
  ] as const)('that stop because $why', ({ handover, to, cause, rest }) => {
    const { made, commands } = captures({ captureAt: undefined, handover });
    made.start(start(1));
    made.stop({ stream: cam, attempt: 1, to, cause });
    const [, stop] = commands;
    expect(stop?.type === 'stop' && stop.publishRest).toBe(rest);
  });

  it('are opened anew once, also when the old input does not close in time', async () => {
    const { made, commands, facts, fact, clock } = captures();
    made.start(start(1));
    made.restart(cam);
    made.restart(cam);
    await clock.advance(longestStopping);
    expect(commands.map((command) => command.type)).toEqual(['start', 'stop', 'start']);
    fact(1, { type: 'stopped' });
    await clock.advance(longestStopping);
    expect(commands).toHaveLength(3);
    expect(facts).toEqual([]);
  });

  it('are not opened anew when they are stopped meanwhile, and the core hears of the end', async () => {
    const { made, commands, facts, fact, clock } = captures();
    made.start(start(1));
    made.restart(cam);
    made.stop({ stream: cam, attempt: 1 });
    fact(1, { type: 'stopped' });
    await clock.advance(longestStopping);
    expect(commands.map((command) => command.type)).toEqual(['start', 'stop']);
    expect(facts).toEqual([[cam, 1, { kind: 'stopped' }]]);
  });

  it('are not opened anew for a core that is gone', async () => {
    const { made, commands, facts, fact, clock } = captures();
    made.start(start(1));
    made.restart(cam);
    made.dropAll();
    fact(1, { type: 'stopped' });
    await clock.advance(longestStopping);
    expect(commands.map((command) => command.type)).toEqual(['start', 'stop']);
    expect(facts).toEqual([]);
  });

  it('have no pulse any more when they are stopping', () => {
    const { made, pulses } = captures();
    const pulse = {
      stream: cam,
      attempt: 1,
      lastFrameAgeMs: ms(1),
      bytesTotal: 1,
      damageTotal: 0,
      lostSegmentsTotal: 0,
    };
    made.start(start(1));
    made.onFact({ type: 'pulse', captures: [pulse] });
    made.stop({ stream: cam, attempt: 1 });
    made.onFact({ type: 'pulse', captures: [pulse] });
    expect(pulses).toEqual([1]);
  });

  it('keep the target duration that players of the stream know', () => {
    const { made, windows } = captures();
    made.start(start(1));
    made.onFact({ type: 'segment', stream: cam, attempt: 1, segment: segment(8), location });
    expect(windows.get(cam)?.targetDuration).toBe(9);
  });

  it("replace a server's own capture by the group's, whichever of stop and start comes first", () => {
    const { made, commands } = captures();
    made.start(start(undefined));
    made.start(start(1));
    made.stop({ stream: cam, attempt: undefined });
    expect(commands.map((command) => [command.type, 'attempt' in command && command.attempt])).toEqual([
      ['start', 1],
      ['stop', 1],
      ['start', 2],
    ]);
  });

  it('report nothing of what a lost life had begun', () => {
    const { made, facts, fact } = captures();
    made.start(start(1));
    made.dropAll();
    made.start(start(1));
    fact(1, { type: 'frames' });
    expect(facts).toEqual([]);
    fact(2, { type: 'frames' });
    expect(facts).toHaveLength(1);
  });

  it('tell the core that a stream which the configuration lost is stopped', () => {
    const { made, facts, commands } = captures();
    made.start({ ...start(3), stream: streamName('gone') });
    expect(commands).toEqual([]);
    expect(facts).toEqual([[streamName('gone'), 3, { kind: 'stopped' }]]);
  });
});

describe('a worker that tells nothing more', () => {
  const kinds = (facts: readonly (readonly [StreamName, number | undefined, CaptureFact])[]): string[] =>
    facts.map(([, , { kind }]) => kind);
  const pulse = (lastFrameAgeMs: number | undefined): WorkerFact => ({
    type: 'pulse',
    captures: [
      {
        stream: cam,
        attempt: 1,
        lastFrameAgeMs: lastFrameAgeMs === undefined ? undefined : ms(lastFrameAgeMs),
        bytesTotal: 0,
        damageTotal: 0,
        lostSegmentsTotal: 0,
      },
    ],
  });

  it('has its captures told as stalled at source_timeout, whatever lives its successors have', async () => {
    const { made, facts, fact, clock } = captures();
    made.start(start(42));
    fact(1, { type: 'frames' });
    for (let i = 0; i < 10; i++) {
      await clock.advance(ms(1_000));
      made.onFact(pulse(undefined));
    }
    expect(kinds(facts)).toEqual(['frames']);
    await clock.advance(ms(1_000));
    expect(kinds(facts)).toEqual(['frames', 'stalled']);
    expect(made.get(cam)?.state).toBe('stalled');
    await clock.advance(ms(30_000));
    fact(1, { type: 'frames' });
    fact(1, { type: 'frames' });
    expect(kinds(facts)).toEqual(['frames', 'stalled', 'frames']);
  });

  it('before the first frame, too', async () => {
    const { made, facts, clock } = captures();
    made.start(start(42));
    await clock.advance(ms(10_900));
    expect(facts).toEqual([]);
    await clock.advance(ms(200));
    expect(kinds(facts)).toEqual(['stalled']);
  });

  it('is not one whose frames are young, nor one that has told the stall itself, nor one that is stopping', async () => {
    const { made, facts, fact, clock } = captures();
    made.start(start(42));
    fact(1, { type: 'frames' });
    for (let i = 0; i < 30; i++) {
      await clock.advance(ms(1_000));
      made.onFact(pulse(40));
    }
    expect(kinds(facts)).toEqual(['frames']);
    made.onFact({ type: 'stalled', stream: cam, attempt: 1, error: 'full disk' });
    for (let i = 0; i < 30; i++) {
      await clock.advance(ms(1_000));
      made.onFact(pulse(40));
    }
    expect(facts.slice(1)).toEqual([[cam, 42, { kind: 'stalled', error: 'full disk' }]]);
    fact(1, { type: 'frames' });
    made.stop({ stream: cam, attempt: 42 });
    await clock.advance(ms(30_000));
    expect(kinds(facts)).toEqual(['frames', 'stalled', 'frames', 'stopped']);
  });

  it('is not blamed for a main thread that stood still and has heard nobody', async () => {
    const { made, facts, fact, clock } = captures();
    made.start(start(42));
    fact(1, { type: 'frames' });
    clock.standStill(ms(15_000));
    await clock.advance(ms(500));
    made.onFact(pulse(40));
    await clock.advance(ms(5_000));
    expect(kinds(facts)).toEqual(['frames']);
  });
});

describe('another list of sources', () => {
  const start = { stream: cam, attempt: 5, from: undefined, standIn: false } as const;

  it('leaves the input as it is, wherever the source in use stands in it now', () => {
    const { made, commands, useSources } = captures();
    made.start(start);
    useSources('http://better/', 'http://camera/', 'http://spare/');
    expect(commands.map(({ type }) => type)).toEqual(['start', 'sources']);
    expect(commands.at(-1)).toMatchObject({ attempt: 1, sources: [{ url: 'http://better/' }, {}, {}] });
    expect(made.get(cam)).toMatchObject({ source: 1, config: { sources: [{}, {}, {}] } });
    useSources('http://camera/');
    expect(commands.map(({ type }) => type)).toEqual(['start', 'sources', 'sources']);
    expect(made.get(cam)?.source).toBe(0);
  });

  it('names the source in use once the worker heeds it, whatever it told before', () => {
    const { made, useSources } = captures();
    made.start(start);
    useSources('http://better/', 'http://camera/');
    made.onFact({ type: 'tracks', stream: cam, attempt: 1, tracks: [], source: 0 });
    made.onFact({ type: 'source-used', stream: cam, attempt: 1, source: 1 });
    expect(made.get(cam)?.source).toBe(1);
  });

  it('without the source in use begins anew', () => {
    const { made, commands, useSources } = captures();
    made.start(start);
    useSources('http://other/');
    expect(commands.map(({ type }) => type)).toEqual(['start', 'stop']);
  });
});
