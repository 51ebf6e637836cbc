import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { CollectingSink } from '../../../test/support/collecting-sink.ts';
import type { Clock } from '../../units/clock.ts';
import { after, instant, type Millis, millis, unixMicros } from '../../units/time.ts';
import { fileInput } from './file.ts';

/** Time passes only by waiting: a recording of minutes is played at once. */
class LeapingClock implements Clock {
  #now = instant(0);

  monotonic() {
    return this.#now;
  }

  wall() {
    return unixMicros(0);
  }

  setTimer(): () => void {
    return () => {};
  }

  async sleep(span: Millis, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.#now = after(this.#now, span);
  }
}

function run(path: string, clock: Clock, signal: AbortSignal) {
  const sink = new CollectingSink();
  const source = { url: pathToFileURL(path).href, protocol: 'file' as const };
  return { sink, ended: fileInput(clock)({ source, sink, timeout: millis(1000), signal }) };
}

test('plays in real time and goes on over the loop without a seam', async () => {
  const clock = new LeapingClock();
  const controller = new AbortController();
  const { sink, ended } = run('demo/clip/lobby.ts', clock, controller.signal);
  await sink.until(() => sink.of(0).length >= 2500);
  controller.abort();
  await ended;
  expect(clock.monotonic() / 1000).toBeCloseTo(100, 0);
  expect(sink.announced).toHaveLength(1);
  expect(sink.damages).toEqual([]);
  const steps = (track: number): Set<number> => {
    const times = sink.of(track).map((frame) => frame.dts);
    return new Set(times.slice(1).map((time, i) => time - (times[i] ?? 0)));
  };
  expect(steps(0)).toEqual(new Set([3600]));
  expect(steps(1)).toEqual(new Set([1024]));
});

test.each([
  ['demo/clip/none.ts', 'source-not-found'],
  ['package.json', 'source-unsupported'],
])('%s is %s', async (path, code) => {
  const { ended } = run(path, new LeapingClock(), new AbortController().signal);
  await expect(ended).rejects.toMatchObject({ code });
});
