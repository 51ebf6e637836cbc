import { describe, expect, test } from 'vitest';
import { ManualClock, ms } from '../../test/support/manual-clock.ts';
import { silentLog } from '../../test/support/silent-log.ts';
import type { WorkerCommand, WorkerFact } from '../facts/protocol.ts';
import type { LiveSegment } from '../hls/live-window.ts';
import { streamName } from '../units/ids.ts';
import { ticks } from '../units/ticks.ts';
import { millis, unixMicros } from '../units/time.ts';
import { WorkerPool } from './pool.ts';
import type { WorkerEvents, WorkerSettings } from './worker-port.ts';

/** A thread that does nothing but what the test lets it do. */
class FakeWorker {
  readonly commands: WorkerCommand[] = [];
  readonly settings: WorkerSettings;
  readonly events: WorkerEvents;
  terminated = false;

  constructor(settings: WorkerSettings, events: WorkerEvents) {
    this.settings = settings;
    this.events = events;
  }

  pulse(): void {
    if (!this.terminated) this.events.fact({ type: 'pulse', captures: [] });
  }

  get started(): number[] {
    return this.commands.flatMap((command) => (command.type === 'start' ? [command.attempt] : []));
  }
}

interface Stage {
  readonly clock: ManualClock;
  readonly workers: FakeWorker[];
  readonly facts: WorkerFact[];
  readonly removed: string[];
  readonly pool: WorkerPool;
}

async function open(count: number): Promise<Stage> {
  const clock = new ManualClock();
  const workers: FakeWorker[] = [];
  const facts: WorkerFact[] = [];
  const removed: string[] = [];
  const pool = await WorkerPool.open({
    workers: count,
    spawn: (settings, events) => {
      const worker = new FakeWorker(settings, events);
      workers.push(worker);
      return {
        send: (command) => worker.commands.push(command),
        terminate: async () => {
          worker.terminated = true;
        },
      };
    },
    scratch: '/scratch',
    folders: {
      remove: async (path) => {
        removed.push(path);
      },
    },
    clock,
    log: silentLog,
    workerLog: { level: 'info', readable: false },
    onFact: (fact) => facts.push(fact),
  });
  return { clock, workers, facts, removed, pool };
}

const name = (attempt: number) => streamName(`cam${attempt}`);

function start(attempt: number, adopting = false): WorkerCommand {
  const stream = {
    name: name(attempt),
    sources: [],
    clusterIngest: undefined,
    sourceTimeout: millis(10_000),
    segmentDuration: millis(2_000),
    dvr: undefined,
  };
  return { type: 'start', stream, attempt, adopting, notBefore: undefined };
}

function segmentFact(attempt: number, number: number): WorkerFact {
  const segment: Omit<LiveSegment, 'holder'> = {
    number,
    start: ticks(number * 180_000),
    duration: ticks(180_000),
    keyframeHash: 'k',
    init: 'i',
    bytes: 1,
  };
  const location = { path: '/scratch/0-1/1/1.mp4', offset: 0, length: 1, decodeTimes: [] };
  return { type: 'segment', stream: name(attempt), attempt, segment, location };
}

/** Lets seconds pass in which these workers give signs of life. */
async function live(clock: ManualClock, seconds: number, workers: readonly FakeWorker[]): Promise<void> {
  for (let i = 0; i < seconds; i++) {
    for (const worker of workers) worker.pulse();
    await clock.advance(ms(1_000));
  }
}

describe('WorkerPool', () => {
  test('empties the scratch folder first and gives each worker its own', async () => {
    const { workers, removed } = await open(2);
    expect(removed).toEqual(['/scratch']);
    expect(workers.map(({ settings }) => settings.scratch)).toEqual(['/scratch/0-1', '/scratch/1-1']);
  });

  test('gives each capture to the least loaded worker, and its commands with it', async () => {
    const { pool, workers } = await open(2);
    for (const attempt of [1, 2, 3]) pool.send(start(attempt));
    pool.send({ type: 'mpegts', stream: name(2), attempt: 2, wanted: true });
    expect(workers.map(({ started }) => started)).toEqual([[1, 3], [2]]);
    expect(workers[1]?.commands.at(-1)?.type).toBe('mpegts');
    workers[0]?.events.fact({ type: 'stopped', stream: name(1), attempt: 1 });
    workers[0]?.events.fact({ type: 'stopped', stream: name(3), attempt: 3 });
    pool.send(start(4));
    expect(workers[0]?.started).toEqual([1, 3, 4]);
  });

  test('tells every worker the clock, the later ones too', async () => {
    const { pool, workers, clock } = await open(2);
    pool.send({ type: 'clock', offset: unixMicros(5) });
    workers[0]?.events.died(new Error('gone'));
    await clock.advance(ms(1_000));
    expect(workers.map(({ commands }) => commands[0]?.type)).toEqual(['clock', 'clock', 'clock']);
  });

  test('passes facts on, but none of a capture that it does not know', async () => {
    const { pool, workers, facts } = await open(1);
    pool.send(start(1));
    workers[0]?.events.fact({ type: 'frames', stream: name(1), attempt: 1 });
    workers[0]?.events.fact({ type: 'frames', stream: name(1), attempt: 7 });
    workers[0]?.events.fact({ type: 'stopped', stream: name(1), attempt: 1 });
    workers[0]?.events.fact({ type: 'frames', stream: name(1), attempt: 1 });
    expect(facts.map(({ type }) => type)).toEqual(['frames', 'stopped']);
  });
});

describe('a worker that fails', () => {
  test('by dying: its captures go on in another, behind their last segment; others notice nothing', async () => {
    const { pool, workers, clock, facts } = await open(2);
    for (const attempt of [1, 2]) pool.send(start(attempt));
    workers[0]?.events.fact({ type: 'source-used', stream: name(1), attempt: 1, source: 1 });
    workers[0]?.events.fact(segmentFact(1, 500));
    pool.send({ type: 'mpegts', stream: name(1), attempt: 1, wanted: true });
    workers[0]?.events.died(new Error('out of memory'));
    await clock.advance(ms(200));
    expect(workers).toHaveLength(3);
    expect(workers[2]?.commands).toMatchObject([
      { type: 'start', attempt: 1, notBefore: 501 * 180_000, numberAfter: 500, isLast: true, source: 1 },
      { type: 'mpegts', attempt: 1, wanted: true },
    ]);
    expect(workers[1]?.commands).toHaveLength(1);
    expect(facts.map(({ type }) => type)).toEqual(['source-used', 'segment']);
  });

  test('before the first segment: its captures go on behind what their predecessors published', async () => {
    const { pool, workers, clock } = await open(1);
    const place = { notBefore: 90_000, numberAfter: 7, isLast: true };
    pool.send(start(1, true));
    pool.send({ type: 'own-timeline', stream: name(1), attempt: 1, ...place });
    workers[0]?.events.fact({ type: 'ready', stream: name(1), attempt: 1 });
    workers[0]?.events.died(new Error('out of memory'));
    await clock.advance(ms(200));
    expect(workers[1]?.commands).toMatchObject([{ type: 'start', attempt: 1, adopting: false, ...place }]);
  });

  test('by silence: it is ended first, then replaced', async () => {
    const { pool, workers, clock } = await open(2);
    pool.send(start(1));
    await live(clock, 10, workers);
    await live(clock, 4, workers.slice(1));
    expect(workers[0]?.terminated).toBe(false);
    await live(clock, 2, workers.slice(1));
    expect(workers[0]?.terminated).toBe(true);
    expect(workers[2]?.started).toEqual([1]);
    expect(workers[1]?.terminated).toBe(false);
  });

  test('may load slowly', async () => {
    const { workers, clock } = await open(1);
    await clock.advance(ms(15_000));
    expect(workers).toHaveLength(1);
    await clock.advance(ms(10_000));
    expect(workers).toHaveLength(2);
  });

  test('again and again is started ever later', async () => {
    const { workers, clock } = await open(1);
    for (let i = 0; i < 20; i++) {
      workers.at(-1)?.events.died(new Error('poison'));
      await clock.advance(ms(1_000));
    }
    expect(workers.length).toBeGreaterThan(5);
    expect(workers.length).toBeLessThan(12);
  });

  test('while stopping has stopped', async () => {
    const { pool, workers, clock, facts } = await open(1);
    pool.send(start(1));
    pool.send(start(2));
    pool.send({ type: 'stop', stream: name(1), attempt: 1 });
    workers[0]?.events.died(new Error('gone'));
    await clock.advance(ms(200));
    expect(facts).toEqual([{ type: 'stopped', stream: name(1), attempt: 1 }]);
    expect(workers[1]?.started).toEqual([2]);
  });

  test('in the middle of a handover: the next one is told the predecessor again; after `ready` it is not needed', async () => {
    const { pool, workers, clock } = await open(1);
    pool.send(start(1, true));
    pool.send({ type: 'adopt', stream: name(1), attempt: 1, segments: [] });
    workers[0]?.events.died(new Error('gone'));
    await clock.advance(ms(200));
    expect(workers[1]?.commands.map(({ type }) => type)).toEqual(['start', 'adopt']);
    workers[1]?.events.fact({ type: 'ready', stream: name(1), attempt: 1 });
    workers[1]?.events.died(new Error('gone'));
    await clock.advance(ms(1_000));
    expect(workers[2]?.commands).toMatchObject([{ type: 'start', adopting: false }]);
  });

  test('leaves its files for those who were told of them', async () => {
    const { workers, clock, removed } = await open(1);
    workers[0]?.events.died(new Error('gone'));
    await live(clock, 59, workers);
    expect(removed).toEqual(['/scratch']);
    await live(clock, 2, workers);
    expect(removed).toEqual(['/scratch', '/scratch/0-1']);
  });

  test('says nothing more', async () => {
    const { pool, workers, clock, facts } = await open(1);
    pool.send(start(1));
    workers[0]?.events.died(new Error('gone'));
    workers[0]?.events.fact({ type: 'frames', stream: name(1), attempt: 1 });
    await clock.advance(ms(200));
    expect(facts).toEqual([]);
  });
});

describe('a worker that fails again and again', () => {
  /** Seconds in which each worker lives that has no capture `poison` calls so, and each other dies after a second, telling frames before. */
  async function poisoned(on: Stage, seconds: number, poison: (attempt: number) => boolean, frames = false) {
    const dead = new Set<FakeWorker>();
    for (let i = 0; i < seconds; i++) {
      for (const worker of [...on.workers]) {
        if (dead.has(worker) || worker.terminated) continue;
        worker.pulse();
        const started = worker.started;
        for (const attempt of started)
          if (frames || !poison(attempt)) worker.events.fact({ type: 'frames', stream: name(attempt), attempt });
        if (!started.some(poison)) continue;
        dead.add(worker);
        worker.events.died(new Error('poison'));
      }
      await on.clock.advance(ms(1_000));
    }
    return on.workers.filter((worker) => !dead.has(worker) && !worker.terminated);
  }

  test.each([{ frames: false }, { frames: true }])(
    'keeps only what is to blame, frames before: $frames',
    async ({ frames }) => {
      const on = await open(2);
      for (let attempt = 1; attempt <= 40; attempt++) on.pool.send(start(attempt));
      await poisoned(on, 60, (attempt) => attempt === 7, frames);
      const born = on.workers.length;
      const alive = await poisoned(on, 60, (attempt) => attempt === 7, frames);
      const captured = alive.flatMap(({ started }) => started).sort((x, y) => x - y);
      expect(captured).toEqual(Array.from({ length: 40 }, (_, i) => i + 1).filter((attempt) => attempt !== 7));
      // The other one's lives cost the neighbours nothing any more.
      expect(on.workers.slice(born).every(({ started }) => started.every((attempt) => attempt === 7))).toBe(true);
      expect(on.facts.some(({ type }) => type === 'stopped')).toBe(false);
    },
  );

  test('makes no more than eight further ones, whatever is to blame', async () => {
    const on = await open(1);
    for (let attempt = 1; attempt <= 40; attempt++) on.pool.send(start(attempt));
    await poisoned(on, 120, () => true);
    const places = new Set(on.workers.map(({ settings }) => settings.scratch.replace(/-\d+$/, '')));
    expect(places.size).toBe(9);
  });

  test('gives those apart the clock, and lets their place go when the last of them is stopped', async () => {
    const on = await open(1);
    on.pool.send(start(1));
    on.pool.send(start(2));
    await poisoned(on, 20, (attempt) => attempt === 2);
    on.pool.send({ type: 'clock', offset: unixMicros(9) });
    const apart = on.workers.findLast(({ started }) => started.includes(2));
    expect(apart?.settings.scratch).toContain('/1-');
    on.pool.send({ type: 'stop', stream: name(2), attempt: 2 });
    await on.clock.advance(ms(5_000));
    const last = on.workers.findLast(({ settings }) => settings.scratch.includes('/1-'));
    last?.events.fact({ type: 'stopped', stream: name(2), attempt: 2 });
    await on.clock.advance(ms(5_000));
    expect(last?.terminated).toBe(true);
    const born = on.workers.length;
    await live(on.clock, 30, on.workers);
    expect(on.workers).toHaveLength(born);
  });
});

describe('close', () => {
  test('stops the captures, then ends the threads, then removes the files', async () => {
    const { pool, workers, removed } = await open(2);
    pool.send(start(1));
    const closed = pool.close();
    expect(workers[0]?.commands.at(-1)).toMatchObject({ type: 'stop', attempt: 1 });
    expect(workers[0]?.terminated).toBe(false);
    workers[0]?.events.fact({ type: 'stopped', stream: name(1), attempt: 1 });
    await closed;
    expect(workers.every(({ terminated }) => terminated)).toBe(true);
    expect(removed).toEqual(['/scratch', '/scratch']);
  });

  test('waits 2 s for inputs that do not close', async () => {
    const { pool, workers, clock } = await open(1);
    pool.send(start(1));
    const closed = pool.close();
    await clock.advance(ms(1_900));
    expect(workers[0]?.terminated).toBe(false);
    await clock.advance(ms(200));
    await closed;
    expect(workers[0]?.terminated).toBe(true);
  });
});
