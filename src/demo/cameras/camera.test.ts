import { expect, test } from 'vitest';
import { ManualClock, ms } from '../../../test/support/manual-clock.ts';
import { Camera, type Viewer } from './camera.ts';
import { ConnectionLog } from './connection-log.ts';
import type { Reel } from './reel.ts';

/** Pieces of one byte, one every 10 ms, a keyframe every 5: the byte is the piece's number. */
const reel: Reel = {
  loop: ms(100),
  dueAt: Float64Array.from({ length: 10 }, (_, i) => i * 10),
  keyPieces: [0, 5],
  render: (from, to, stamp) => Uint8Array.from({ length: to - from }, (_, i) => stamp.loop * 10 + from + i),
};

function setUp() {
  const clock = new ManualClock();
  const log = new ConnectionLog(() => clock.wall());
  const camera = new Camera({ name: 'c', clock, log, epoch: clock.monotonic(), shift90k: 0 });
  const step = async (span: number): Promise<void> => {
    await clock.advance(ms(span));
    camera.tick();
  };
  return { camera, log, step };
}

class Watcher implements Viewer {
  readonly got: number[] = [];
  dropped = false;
  unsent = 0;

  write(bytes: Uint8Array): void {
    this.got.push(...bytes);
  }

  drop(): void {
    this.dropped = true;
  }
}

function join(camera: Camera): Watcher {
  const watcher = new Watcher();
  camera.enter(watcher, reel)?.play();
  return watcher;
}

test('whoever comes later gets the same pieces at the same time', async () => {
  const { camera, step } = setUp();
  const first = join(camera);
  await step(20);
  const second = join(camera);
  await step(130);
  expect(first.got).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
  expect(second.got).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
});

test('a burst goes back to the last keyframe, over the loop when needed', async () => {
  const { camera, step } = setUp();
  await step(105);
  camera.control({ start: 'burst' });
  expect(join(camera).got).toEqual([10]);
  await step(30);
  expect(join(camera).got).toEqual([10, 11, 12, 13]);
});

test('frozen: stays connected and gets nothing, then goes on at the present', async () => {
  const { camera, log, step } = setUp();
  const watcher = join(camera);
  camera.control({ state: 'frozen' });
  await step(50);
  expect(watcher.got).toEqual([]);
  expect(log.count('c')).toMatchObject({ open: 1, playing: 1 });
  camera.control({ state: 'alive' });
  await step(10);
  expect(watcher.got).toEqual([6]);
});

test('dead: all are dropped and nobody is let in', () => {
  const { camera, log } = setUp();
  const watcher = join(camera);
  camera.control({ state: 'dead' });
  expect(watcher.dropped).toBe(true);
  expect(camera.enter(new Watcher(), reel)).toBeUndefined();
  expect(log.count('c')).toEqual({ open: 0, playing: 0, mostOpen: 1, total: 1, refused: 1 });
});

test('one connection only: the second is refused, or drives the first away', () => {
  const { camera, log } = setUp();
  const first = join(camera);
  camera.control({ second: 'refuse' });
  expect(camera.enter(new Watcher(), reel)).toBeUndefined();
  camera.control({ second: 'drop-first' });
  const third = join(camera);
  expect([first.dropped, third.dropped]).toEqual([true, false]);
  expect(log.count('c')).toMatchObject({ open: 1, mostOpen: 1, refused: 1 });
});

test('the record tells who was connected when, and counts concurrent ones', async () => {
  const { camera, log, step } = setUp();
  const visits = [camera.enter(new Watcher(), reel), camera.enter(new Watcher(), reel)];
  await step(10);
  for (const visit of visits) visit?.leave('done');
  expect(log.history().map(({ event, open }) => [event, open])).toEqual([
    ['open', 1],
    ['open', 2],
    ['close', 1],
    ['close', 0],
  ]);
  expect(log.count('c').mostOpen).toBe(2);
  log.forget();
  expect(log.count('c').mostOpen).toBe(0);
  const since = log.history()[2]?.atMs;
  expect(log.history(since)).toHaveLength(2);
});

test('a viewer that takes nothing is dropped, the other stays', async () => {
  const { camera, step } = setUp();
  const slow = join(camera);
  const quick = join(camera);
  slow.unsent = 10_000_000;
  await step(10);
  expect([slow.dropped, quick.dropped]).toEqual([true, false]);
  expect(quick.got).toEqual([1]);
});
